// Reads a list of face videos in JSON: one object per clip with file, label, split and person.
import { UserError } from '../errors';
import { isList, isRecord, parseJson } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { optionalNumber, readEntries, wrongField } from './entries';
import type { FaceVideo } from './faceClips';
import { splitRest } from './faceForensics';
import type { Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet } from './labelSet';
import { joinMedia } from './mediaNames';
import { splitNamed } from './splits';

type FaceEntry = Omit<FaceVideo, 'path' | 'media'> & { readonly file: string };

/**
 * Reads `[{"file", "label": 0 real or 1 fake, "split"?, "kind"?, "person"?, "frames"?, "fps"?}]`.
 * @throws UserError `faces-list`, or with a code that starts with `json-`.
 */
export function parseFaceList(text: string, path: string): { entries: FaceEntry[]; unusable: DataProblem[] } {
  const root = parseJson(text, path);
  if (!isList(root))
    throw new UserError('faces-list', `This must be a list with one object per clip (${path})`, { path });
  return readEntries(root, 'faces-entry', path, readEntry);
}

function readEntry(value: unknown): FaceEntry {
  if (!isRecord(value)) throw wrongField('file', 'must stand in an object');
  const { file, label, split, kind, person } = value;
  const frames = optionalNumber(value['frames']);
  const fps = optionalNumber(value['fps']);
  if (typeof file !== 'string' || file === '') throw wrongField('file', 'must name a video');
  const named = label === 0 || label === 'real' ? 'real' : label === 1 || label === 'fake' ? 'fake' : null;
  if (named === null) throw wrongField('label', 'must be 0 or "real", 1 or "fake"');
  if (split !== undefined && splitNamed(split) === null) throw wrongField('split', 'must be train, val or test');
  if (!isOptionalCount(frames) || !isOptionalCount(fps))
    throw wrongField('frames', 'and "fps" must be numbers above 0');
  return {
    file,
    label: named,
    kind: typeof kind === 'string' && kind !== '' ? kind : named,
    split: splitNamed(split),
    identities: typeof person === 'string' && person !== '' ? [person] : [file],
    frames: frames ?? null,
    framesPerSecond: fps ?? null,
  };
}

function isOptionalCount(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value > 0 && value < 1e9);
}

/**
 * Reads the list and joins its clips with the videos of the folder. A clip that is listed twice counts once, and not at
 * all where it is called real and fake. Throws what `parseFaceList` throws.
 */
export async function readFaceList(folder: Folder, labels: DataFile): Promise<LabelSet<FaceVideo>> {
  const { entries, unusable } = parseFaceList(await folder.text(labels), labels.path);
  const wanted = entries.map(({ file }) => ({ names: [file], near: labels.path }));
  const { media, notices: joined } = joinMedia(folder, 'video', wanted);
  const items = new Map<string, FaceVideo>();
  const contradictory = new Set<string>();
  let repeated = 0;
  for (const [i, { file, ...entry }] of entries.entries()) {
    const found = media[i] ?? null;
    if (found === null) {
      unusable.push(missingMedia(file, labels.path));
      continue;
    }
    const known = items.get(found.path);
    if (!known) items.set(found.path, { ...entry, path: found.path, media: found });
    else if (known.label === entry.label) repeated++;
    else contradictory.add(found.path);
  }
  for (const path of contradictory) {
    items.delete(path);
    unusable.push(finding('label-contradicts', 'The labels of this video contradict each other: mend them', path));
  }
  const named = new Set(media.map((file) => file?.path));
  for (const { path } of folder.media('video')) if (!named.has(path)) unusable.push(unlabelled(path));
  const notices = [...folder.notices, ...joined];
  const twice = `${repeated} entries are of a video that was listed before and count once`;
  if (repeated > 0) notices.push(finding('label-repeated', twice, labels.path, { repeated }));
  return { items: splitRest([...items.values()], notices), unusable, notices, classes: ['real', 'fake'] };
}
