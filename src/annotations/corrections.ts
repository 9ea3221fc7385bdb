// Corrected labels beside others: what they say of a video counts, instead of what the other labels say of it.
import { isList, isRecord } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import { readActionFolder, type ActionVideo } from './actionFolder';
import type { LabelledImage } from './boxes';
import { readCocoFolder } from './cocoFolder';
import type { Folder } from './folder';
import type { LabelledItem, LabelSet, Split } from './labelSet';

/** What a file corrects; ActivityNet's and COCO's JSON with `"corrects": true` are no label files of their own. */
export function correctionOf(value: unknown): 'actions' | 'boxes' | null {
  if (!isRecord(value) || value['corrects'] !== true) return null;
  if (isRecord(value['database'])) return 'actions';
  return isList(value['images']) && isList(value['annotations']) ? 'boxes' : null;
}

/** Labels with those of correction files in their place, the last file's first. Throws what `parseActivityNet` throws. */
export async function correctedActions(
  folder: Folder,
  set: LabelSet<ActionVideo>,
  files: readonly DataFile[],
): Promise<LabelSet<ActionVideo>> {
  let all = set;
  for (const file of files) all = replaced(all, await readActionFolder(folder, file, null));
  return all;
}

/**
 * The same for boxes. An image of the file says in `split` what it is for; without it the other labels say, and where they
 * say nothing it is for training. Throws what `parseCoco` throws.
 */
export async function correctedBoxes(
  folder: Folder,
  set: LabelSet<LabelledImage>,
  files: readonly DataFile[],
): Promise<LabelSet<LabelledImage>> {
  let all = set;
  for (const file of files) {
    const told = splitsIn(await folder.json(file));
    const former = new Map(all.items.map((item) => [item.path, item.split]));
    const read = await readCocoFolder(folder, [file]);
    const items = read.items.map((item) => ({
      ...item,
      split: told(item.path) ?? former.get(item.path) ?? 'train',
    }));
    all = replaced(all, { ...read, items, notices: [] });
  }
  return all;
}

function splitsIn(value: unknown): (path: string) => Split | null {
  const images = isRecord(value) && isList(value['images']) ? value['images'].filter(isRecord) : [];
  return (path) => {
    const own = images.find(({ file_name: file }) => typeof file === 'string' && `/${path}`.endsWith(`/${file}`));
    return (['train', 'val', 'test'] as const).find((one) => one === own?.['split']) ?? null;
  };
}

function replaced<Item extends LabelledItem>(set: LabelSet<Item>, by: LabelSet<Item>): LabelSet<Item> {
  const items = new Map([...set.items, ...by.items].map((item) => [item.path, item]));
  return {
    items: [...items.values()],
    classes: [...new Set([...set.classes, ...by.classes])],
    notices: [...set.notices, ...by.notices.filter((notice) => !set.notices.includes(notice))],
    unusable: set.unusable.filter(({ path }) => !items.has(path)),
  };
}
