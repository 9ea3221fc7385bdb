// Reads FaceForensics++ folders, Celeb-DF's, and plain ones that are called real and fake.
// Layout: https://github.com/ondyari/FaceForensics (read 2026-11-20); splits are pairs of numbers per split file.
import { stemOf } from '../formats/filePaths';
import { UserError } from '../errors';
import { isList } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { identityGroups, type FaceVideo } from './faceClips';
import type { Folder } from './folder';
import { finding, unlabelled, type LabelSet, type Split } from './labelSet';
import { splitGroups, splitNamed, splitOfFolders } from './splits';

/** Folder names that say what lies in them, lower case: the label and the name to show. */
const folderLabels: ReadonlyMap<string, readonly ['real' | 'fake', string]> = new Map([
  ['youtube', ['real', 'youtube']],
  ['actors', ['real', 'actors']],
  ['original', ['real', 'youtube']],
  ['originals', ['real', 'real']],
  ['original_sequences', ['real', 'real']],
  ['deepfakes', ['fake', 'Deepfakes']],
  ['face2face', ['fake', 'Face2Face']],
  ['faceswap', ['fake', 'FaceSwap']],
  ['neuraltexture', ['fake', 'NeuralTextures']],
  ['neuraltextures', ['fake', 'NeuralTextures']],
  ['faceshifter', ['fake', 'FaceShifter']],
  ['deepfakedetection', ['fake', 'DeepFakeDetection']],
  ['manipulated_sequences', ['fake', 'fake']],
  ['celeb-real', ['real', 'Celeb-real']],
  ['youtube-real', ['real', 'YouTube-real']],
  ['celeb-synthesis', ['fake', 'Celeb-synthesis']],
  ['real', ['real', 'real']],
  ['reals', ['real', 'real']],
  ['fake', ['fake', 'fake']],
  ['fakes', ['fake', 'fake']],
  ['manipulated', ['fake', 'fake']],
]);

const compressions = ['c23', 'raw', 'c40'];

/** Whether folder names alone tell real from fake for at least one video of each, or one of FaceForensics++. */
export function looksLikeFaceFolders(folder: Folder): boolean {
  const labels = new Set(folder.media('video').map(({ path }) => labelOf(path)?.[0]));
  return labels.has('real') && labels.has('fake');
}

/**
 * Labels every video by the folder nearest to it that says real or fake, in any case. The official split files
 * (`train.json`, `val.json`, `test.json`: lists of pairs of numbers) put both originals of a pair and both fakes made
 * of it in their split; without any, folders that are called train, val or test tell it, and of the rest nothing of an
 * identity lies in two splits. Of several compressions c23 counts, else raw, else c40.
 */
export async function readFaceFolder(folder: Folder): Promise<LabelSet<FaceVideo>> {
  const official = await readSplitFiles(folder);
  const chosen = compressionToUse(folder.media('video'));
  const items: FaceVideo[] = [];
  const unusable: DataProblem[] = [];
  let others = 0;
  for (const media of folder.media('video')) {
    const { path } = media;
    const found = labelOf(path);
    const compression = compressionOf(path);
    if (compression !== null && compression !== chosen) others++;
    else if (found === null) unusable.push(unlabelled(path));
    else {
      const [label, kind] = found;
      const identities = identitiesIn(stemOf(path));
      const split = official ? (official.get(identities.join('_')) ?? null) : splitOfFolders(folder.inside(path));
      if (official !== null && split === null && kind !== 'DeepFakeDetection' && kind !== 'actors')
        unusable.push(finding('label-no-split', 'None of the split files lists this video: add it or remove it', path));
      else items.push({ path, media, split, label, kind, identities, frames: null, framesPerSecond: null });
    }
  }
  const notices = [...folder.notices];
  if (others > 0) {
    const what = `Several compressions are there: ${chosen ?? ''} is used, ${others} videos of the others are not`;
    notices.push(finding('faces-compression', what, '', { used: chosen ?? '', others }));
  }
  return { items: splitRest(items, notices), unusable, notices, classes: ['real', 'fake'] };
}

/** Gives the videos that have no split one, 80/10/10, whole groups of identities at a time. */
export function splitRest(items: readonly FaceVideo[], notices: DataProblem[]): FaceVideo[] {
  const groups = identityGroups(items);
  const free = groups.filter((_, i) => items[i]!.split === null);
  if (free.length === 0) return [...items];
  notices.push(
    finding(
      'faces-own-split',
      `${free.length} videos have no split: 80 % train, 10 % validate, 10 % test, people kept apart`,
      '',
      {
        videos: free.length,
      },
    ),
  );
  const splits = splitGroups(free, { val: 0.1, test: 0.1 });
  return items.map((item, i) => ({ ...item, split: item.split ?? splits.get(groups[i]!)! }));
}

/** Label and kind by the folder nearest to a file that says real or fake, or null. */
export function labelOf(path: string): readonly ['real' | 'fake', string] | null {
  const folders = path.toLowerCase().split('/').slice(0, -1);
  for (const name of folders.reverse()) {
    const found = folderLabels.get(name);
    if (found !== undefined) return found;
  }
  return null;
}

/** Which of FaceForensics++'s compressions a file has by its folders, or null. */
export function compressionOf(path: string): string | null {
  const folders = path.toLowerCase().split('/').slice(0, -1);
  return compressions.find((name) => folders.includes(name)) ?? null;
}

/** The best of the compressions that are there, or null where folders name none. */
export function compressionToUse(files: readonly DataFile[]): string | null {
  const there = new Set(files.map(({ path }) => compressionOf(path)));
  return compressions.find((name) => there.has(name)) ?? null;
}

/**
 * Who can be seen: 033 and 097 in `033_097`, people id0 and id16 in Celeb-DF's `id0_id16_0001`, actors 01 and 02 in
 * `01_02__walking__ABC`; else the name stands for itself.
 */
export function identitiesIn(stem: string): string[] {
  const people = stem.match(/(?<![a-z\d])id\d+/gi);
  if (people !== null) return people;
  const actors = /^(\d\d)(?:_(\d\d))?__/.exec(stem);
  if (actors !== null)
    return actors.slice(1).flatMap((number: string | undefined) => (number ? [`actor ${number}`] : []));
  return /^\d{3}(_\d{3})?$/.test(stem) ? stem.split('_') : [stem];
}

/**
 * Split by `NNN` and `NNN_MMM`, or null where there are no split files.
 * @throws UserError `faces-splits` for a split file that is not a list of pairs.
 */
export async function readSplitFiles(folder: Folder): Promise<Map<string, Split> | null> {
  const splits = new Map<string, Split>();
  for (const file of folder.withExtension('json')) {
    const split = splitNamed(stemOf(file.path));
    if (split === null) continue;
    for (const [a, b] of readPairs(await folder.json(file), file)) {
      for (const name of [a, b, `${a}_${b}`, `${b}_${a}`]) if (!splits.has(name)) splits.set(name, split);
    }
  }
  return splits.size > 0 ? splits : null;
}

function readPairs(value: unknown, { path }: DataFile): (readonly [string, string])[] {
  const wrong = (): UserError =>
    new UserError('faces-splits', `A split file must be a list of pairs such as [["720", "672"], …] (${path})`, {
      path,
    });
  if (!isList(value)) throw wrong();
  return value.map((pair) => {
    const [a, b] = isList(pair) ? pair : [];
    if (typeof a !== 'string' || typeof b !== 'string') throw wrong();
    return [a, b];
  });
}

/** True for the parsed JSON of an official split file. */
export function isPairList(value: unknown): boolean {
  return (
    isList(value) &&
    value.length > 0 &&
    value.every((pair) => isList(pair) && pair.length === 2 && pair.every((id) => typeof id === 'string'))
  );
}
