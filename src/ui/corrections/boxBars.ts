// Boxes of one picture beside each other: what is labelled, what was found, and what became of either.
import { cornersIou, type Corners } from '../../metrics/judgedBoxes';
import type { BoxMark } from './boxEdits';
import type { Tone } from './segmentRows';

export interface BoxBar extends BoxMark {
  readonly key: string;
  /** Of what was found; null for what is labelled. */
  readonly score: number | null;
  readonly tone: Tone;
}

/** Equal boxes have equal names, but for their number among equals. */
export function boxKey(kind: 'truth' | 'found', { label, box }: BoxMark, among = 0): string {
  return [kind, label, ...box.map((side) => side.toFixed(1)), among].join('|');
}

const ENOUGH = 0.5;

/**
 * Labels in their order and what was found, best first. A box hits the free label of its class that it overlaps most, by
 * half at least; one that overlaps such a label less is late; without any it is false. `labelled` is false where there is
 * nothing to judge by.
 */
export function boxBars(
  truth: readonly BoxMark[],
  found: readonly (BoxMark & { readonly score: number })[],
  labelled: boolean,
): { readonly truth: readonly BoxBar[]; readonly found: readonly BoxBar[] } {
  const free = new Set(truth.keys());
  const nearest = ({ label, box }: BoxMark): { k: number; overlap: number } =>
    [...free].reduce(
      (best, k) => {
        const overlap = truth[k]!.label === label ? cornersIou(truth[k]!.box, box) : 0;
        return overlap > best.overlap ? { k, overlap } : best;
      },
      { k: -1, overlap: 0 },
    );
  const tones = found.map((one): Tone => {
    const { k, overlap } = nearest(one);
    if (overlap < ENOUGH) return overlap > 0 ? 'late' : 'false';
    free.delete(k);
    return 'hit';
  });
  return {
    truth: keyed('truth', truth).map(({ key, mark }, k) => ({
      ...{ key, label: mark.label, box: mark.box, score: null },
      tone: !labelled ? 'open' : free.has(k) ? 'missed' : 'hit',
    })),
    found: keyed('found', found).map(({ key, mark: { label, box, score } }, k) => ({
      ...{ key, label, box, score },
      tone: labelled ? tones[k]! : 'open',
    })),
  };
}

function keyed<M extends BoxMark>(kind: 'truth' | 'found', marks: readonly M[]): { key: string; mark: M }[] {
  const seen = new Map<string, number>();
  return marks.map((mark) => {
    const plain = boxKey(kind, mark);
    const among = seen.get(plain) ?? 0;
    seen.set(plain, among + 1);
    return { key: boxKey(kind, mark, among), mark };
  });
}

/** The smallest box that holds the point. */
export function boxAt<B extends BoxMark>(bars: readonly B[], x: number, y: number): B | null {
  const area = ({ box: [x0, y0, x1, y1] }: B): number => (x1 - x0) * (y1 - y0);
  const holding = bars.filter(({ box: [x0, y0, x1, y1] }) => x0 <= x && x <= x1 && y0 <= y && y <= y1);
  return holding.reduce<B | null>((best, one) => (best === null || area(one) < area(best) ? one : best), null);
}

/** What a list calls a box's place: left, top, width and height. */
export function placeOf([x0, y0, x1, y1]: Corners): string {
  return `${Math.round(x0)}, ${Math.round(y0)} · ${Math.round(x1 - x0)} × ${Math.round(y1 - y0)}`;
}
