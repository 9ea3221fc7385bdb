// Which split each annotation of a Pascal VOC folder is for: by lists, else by the folders' names, else drawn.
import { stemOf } from '../formats/filePaths';
import { commonFolder } from '../formats/filePaths';
import { splitLines } from '../formats/lines';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import type { Folder } from './folder';
import { finding, type Split } from './labelSet';
import { splitGroups, splitNamed, splitOfFolders } from './splits';

export interface VocLists {
  /** By the annotation's path; those that no list names are missing. */
  readonly splits: ReadonlyMap<string, Split>;
  /** Names that a list has and no annotation. */
  readonly strangers: ReadonlyMap<string, Split>;
}

function annotationsByStem(annotations: readonly DataFile[]): Map<string, DataFile[]> {
  const byStem = new Map<string, DataFile[]>();
  for (const file of annotations) {
    const stem = stemOf(file.path);
    byStem.set(stem, [...(byStem.get(stem) ?? []), file]);
  }
  return byStem;
}

/**
 * The splits of `train.txt`, `val.txt`, `test.txt` and `trainval.txt`, a name a line, wherever they lie; null where no
 * file lists any of the annotations. A train or val list outdoes trainval.
 */
export async function readVocLists(folder: Folder, annotations: readonly DataFile[]): Promise<VocLists | null> {
  const byStem = annotationsByStem(annotations);
  const files = folder
    .withExtension('txt')
    .filter(({ path }) => splitNamed(stemOf(path)) !== null)
    .sort((a, b) => Number(isTrainval(a)) - Number(isTrainval(b)));
  const splits = new Map<string, Split>();
  const strangers = new Map<string, Split>();
  for (const file of files) {
    const split = splitNamed(stemOf(file.path))!;
    const names = splitLines(await folder.text(file)).map((line) => line.trim().split(/\s/)[0]!);
    const listed = names.filter((name) => name !== '').map((name) => [name, annotationsOf(name, byStem)] as const);
    if (!listed.some(([, found]) => found.length > 0)) continue;
    for (const [name, found] of listed) {
      for (const { path } of found) if (!splits.has(path)) splits.set(path, split);
      if (found.length === 0 && !strangers.has(name)) strangers.set(stemOf(name), split);
    }
  }
  return splits.size > 0 ? { splits, strangers } : null;
}

/** Annotations that a line of a list means: of equal names those whose folders end as the line's do. */
function annotationsOf(name: string, byStem: ReadonlyMap<string, readonly DataFile[]>): readonly DataFile[] {
  const path = name.replaceAll('\\', '/');
  const base = path.slice(path.lastIndexOf('/') + 1);
  const found = byStem.get(base) ?? byStem.get(stemOf(base)) ?? [];
  const own = path.split('/').at(-2);
  const near = own === undefined ? [] : found.filter((file) => file.path.split('/').at(-2) === own);
  return near.length > 0 ? near : found;
}

function isTrainval({ path }: DataFile): boolean {
  return stemOf(path).toLowerCase() === 'trainval';
}

/**
 * Splits by the annotations' path: folders that are called train, valid, test and so on tell it, the annotation's before
 * its image's, and what lies in no such folder is split 70/15/15.
 */
export function splitVocByFolder(
  folder: Folder,
  annotations: readonly { readonly path: string; readonly image: DataFile | null }[],
): { readonly splits: ReadonlyMap<string, Split>; readonly notices: readonly DataProblem[] } {
  const byStem = annotationsByStem(folder.withExtension('xml'));
  // What all lie in tells nothing of one of them.
  const root = commonFolder(annotations.map(({ path }) => path)).length;
  const splits = new Map<string, Split>();
  const free: string[] = [];
  for (const { path, image } of annotations) {
    const split = splitOfFolders(path.slice(root)) ?? (image && splitOfFolders(folder.inside(image.path)));
    if (split === null) free.push(path);
    else splits.set(path, split);
  }
  const keyOf = (path: string): string =>
    byStem.get(stemOf(path))!.length > 1 ? path.slice(root).replace(/\.[^.]+$/, '') : stemOf(path);
  const own = splitGroups(free.map(keyOf), { val: 0.15, test: 0.15 });
  for (const path of free) splits.set(path, own.get(keyOf(path))!);
  if (free.length === 0) return { splits, notices: [] };
  const what =
    free.length === annotations.length
      ? 'Neither lists nor folders tell the split: 70 % train, 15 % validate, 15 % test'
      : `${free.length} images lie in no folder that tells their split: 70 % train, 15 % validate, 15 % test`;
  return { splits, notices: [finding('label-own-split', what, '', { images: free.length })] };
}
