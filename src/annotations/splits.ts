// Splits that labels name, and a split of our own where they name none.
import type { Split } from './labelSet';
import { nameHash } from './nameHash';

const splitNames: ReadonlyMap<string, Split> = new Map<string, Split>(
  Object.entries({
    train: 'train',
    training: 'train',
    trainval: 'train',
    val: 'val',
    valid: 'val',
    validation: 'val',
    dev: 'val',
    test: 'test',
    testing: 'test',
  } as const),
);

/** The split that a word names in any case, or null. */
export function splitNamed(word: unknown): Split | null {
  return typeof word === 'string' ? (splitNames.get(word.toLowerCase()) ?? null) : null;
}

/**
 * The split that a path tells, its file name before its folders: `instances_val2017.json` and `test.coco.json` do by
 * name, Roboflow's `valid/_annotations.coco.json` by folder.
 */
export function splitInPath(path: string): Split | null {
  const words = path.toLowerCase().split(/[/._\-\d\s]+/);
  return words.reduceRight<Split | null>((found, word) => found ?? splitNamed(word), null);
}

/** The split that the folders of a path tell, the nearest first; `path` is without what all files lie in. */
export function splitOfFolders(path: string): Split | null {
  return splitInPath(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}

/**
 * Splits whole groups (one group per key: a person, a video) until about `val` and `test` of the items are held out.
 * The order is by a hash of the key, so that the split is the same each time and adding items moves few.
 */
export function splitGroups(
  keys: readonly string[],
  shares: { readonly val: number; readonly test: number },
): Map<string, Split> {
  const sizes = new Map<string, number>();
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => nameHash(a) - nameHash(b) || (a < b ? -1 : 1));
  const splits = new Map<string, Split>();
  let seen = 0;
  for (const key of order) {
    const middle = (seen + sizes.get(key)! / 2) / keys.length;
    splits.set(key, middle < shares.test ? 'test' : middle < shares.test + shares.val ? 'val' : 'train');
    seen += sizes.get(key)!;
  }
  return splits;
}
