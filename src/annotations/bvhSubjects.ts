// Who moves in a recording and what they do, from its file name; and the split that keeps people apart.
import type { DataProblem } from './dataReport';
import { nameHash } from './nameHash';

/** `walks/cmu_01_02.bvh` -> `cmu_01`; else the folder; else the name without its last number. */
export function subjectOf(path: string): string {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1).replace(/\.\w+$/, '');
  const numbered = /^(.*?\d+)[_-]\d+$/.exec(name);
  if (numbered) return numbered[1]!;
  if (slash > 0) return path.slice(0, slash);
  return name.replace(/[_-]?\d+$/, '') || name;
}

/** The words of the file name, `cmu_basketball_signal_1.bvh` -> `basketball signal`; else the whole name. */
export function actionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  const words = name.split(/[_\-\s]+/).filter((word) => /^\D+$/.test(word) && word.toLowerCase() !== 'cmu');
  return words.length > 0 ? words.join(' ') : name;
}

interface Item {
  readonly path: string;
  readonly subject: string;
  readonly frames: number;
  readonly split: 'train' | 'val' | null;
}

/**
 * Gives every recording a split. Given splits stay; when none is given, whole subjects are held out until about a
 * fifth of the frames is (order by a hash of the name, so that adding a file moves few others). One subject alone is
 * split by recording, and the problem says so.
 */
export function splitBySubject<T extends Item>(
  items: readonly T[],
): { clips: (Omit<T, 'split'> & { split: 'train' | 'val' })[]; problem: DataProblem | null } {
  const free = items.filter((item) => item.split === null);
  const given = items.some((item) => item.split === 'val');
  const subjects = new Set(items.map((item) => item.subject));
  const key = (item: Item): string => (subjects.size > 1 ? item.subject : item.path);
  const held = given ? new Set<string>() : heldOut(free, key);
  const clips = items.map((item) => ({ ...item, split: item.split ?? (held.has(key(item)) ? 'val' : 'train') }));
  const problem: DataProblem | null =
    held.size > 0 && subjects.size === 1
      ? {
          path: '',
          code: 'bvh-one-subject',
          message:
            'All recordings show one person, so validation judges a person seen in training; add others, or write an index.json.',
          detail: { subject: items[0]?.subject ?? '' },
        }
      : null;
  return { clips, problem };
}

function heldOut(items: readonly Item[], key: (item: Item) => string): Set<string> {
  const frames = new Map<string, number>();
  for (const item of items) frames.set(key(item), (frames.get(key(item)) ?? 0) + item.frames);
  const total = items.reduce((sum, item) => sum + item.frames, 0);
  const order = [...frames].sort(([a], [b]) => nameHash(a) - nameHash(b) || (a < b ? -1 : 1));
  const held = new Set<string>();
  let count = 0;
  for (const [name, size] of order) {
    if (count >= 0.15 * total) break;
    if (count + size > 0.3 * total) continue;
    held.add(name);
    count += size;
  }
  if (held.size === 0 && order.length > 1)
    held.add(order.reduce((least, next) => (next[1] < least[1] ? next : least))[0]);
  return held;
}
