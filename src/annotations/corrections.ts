// Corrected labels beside others: what they say of a video counts, instead of what the other labels say of it.
import { isRecord } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import { readActionFolder, type ActionVideo } from './actionFolder';
import type { Folder } from './folder';
import type { LabelSet } from './labelSet';

/** ActivityNet's JSON with `"corrects": true` is no label file of its own. */
export function isCorrection(value: unknown): boolean {
  return isRecord(value) && value['corrects'] === true && isRecord(value['database']);
}

/** Labels with those of correction files in their place, the last file's first. Throws what `parseActivityNet` throws. */
export async function correctedActions(
  folder: Folder,
  set: LabelSet<ActionVideo>,
  files: readonly DataFile[],
): Promise<LabelSet<ActionVideo>> {
  const items = new Map(set.items.map((item) => [item.path, item]));
  const notices = [...set.notices];
  const classes = [...set.classes];
  for (const file of files) {
    const corrected = await readActionFolder(folder, file, null);
    for (const item of corrected.items) items.set(item.path, item);
    notices.push(...corrected.notices.filter((notice) => !set.notices.includes(notice)));
    for (const name of corrected.classes) if (!classes.includes(name)) classes.push(name);
  }
  const labelled = (path: string): boolean => items.has(path);
  return {
    ...set,
    items: [...items.values()],
    classes,
    notices,
    unusable: set.unusable.filter((one) => !labelled(one.path)),
  };
}
