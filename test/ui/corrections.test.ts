// Corrections: one change is one step back, nothing is lost by a reload, and segments stay within their video.
import { describe, expect, it } from 'vitest';
import { boxAt, boxBars } from '../../src/ui/corrections/boxBars';
import { boxBetween, isBoxMark, movedBox, withCorner, withSide } from '../../src/ui/corrections/boxEdits';
import { keptCorrections, type TextStore } from '../../src/ui/corrections/correctionStore';
import { Corrections } from '../../src/ui/corrections/corrections.svelte';
import { accept, dismiss, withMark, withoutMark, type Corrected } from '../../src/ui/corrections/marks';
import { isSegmentMark, movedBy, overlapOf, withEdge, type SegmentMark } from '../../src/ui/corrections/segmentEdits';

const mark = (start: number, end: number, label = 'jump'): SegmentMark => ({ segment: [start, end], label });
const original: Corrected<SegmentMark> = {
  marks: [mark(1, 2), mark(5, 8)],
  dismissed: [],
  use: 'validation',
};

class Texts implements TextStore {
  readonly texts = new Map<string, string>();
  full = false;
  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    if (this.full) throw new Error('QuotaExceededError');
    this.texts.set(key, text);
  }
}

const open = (texts: Texts) => new Corrections(keptCorrections('adatad', isSegmentMark, () => texts));

describe('corrections', () => {
  it('start from the labels, and are undone and done again one by one', () => {
    const corrections = open(new Texts());
    expect(corrections.of('a')).toBeNull();
    corrections.change('a', original, (now) => withoutMark(now, original.marks[0]!));
    corrections.change('a', original, (now) => withMark(now, null, mark(9, 10)));
    corrections.change('b', original, (now) => ({ ...now, use: 'training' }));
    expect(corrections.of('a')!.marks).toEqual([mark(5, 8), mark(9, 10)]);
    corrections.undo();
    corrections.undo();
    expect(corrections.of('b')).toBeNull();
    expect(corrections.of('a')!.marks).toEqual([mark(5, 8)]);
    corrections.redo();
    expect(corrections.of('a')!.marks).toHaveLength(2);
    corrections.change('a', original, (now) => ({ ...now, use: 'training' }));
    expect(corrections.canRedo).toBe(false);
    corrections.undo();
    corrections.undo();
    corrections.undo();
    expect(corrections.of('a')).toBeNull();
    expect(corrections.canUndo).toBe(false);
  });

  it('outlive a reload, taking back included', () => {
    const texts = new Texts();
    const corrections = open(texts);
    corrections.change('a', original, (now) => dismiss(withMark(now, now.marks[1]!, mark(5, 7)), mark(3, 4)));
    expect(open(texts).of('a')).toEqual({ ...original, marks: [mark(1, 2), mark(5, 7)], dismissed: [mark(3, 4)] });
    corrections.reset('a');
    expect(open(texts).all.size).toBe(0);
  });

  it('say that they are not kept, and go on', () => {
    const texts = new Texts();
    const corrections = open(texts);
    texts.full = true;
    corrections.change('a', original, (now) => withMark(now, null, mark(9, 10)));
    expect(corrections.kept).toBe(false);
    expect(corrections.of('a')!.marks).toHaveLength(3);
  });

  it.each([['not json'], ['[]'], ['{"a": 3, "b": {"marks": [{"label": "x", "segment": [2, 1]}]}}']])(
    'read what is none of theirs as nothing: %s',
    (text) => {
      const texts = new Texts();
      texts.texts.set('tabtune.corrections.adatad', text);
      expect([...open(texts).all.values()].flatMap(({ marks }) => marks)).toEqual([]);
    },
  );
});

describe('what a model found', () => {
  it('takes the place of the label that it overlaps most', () => {
    const found = mark(5.2, 8.4);
    expect(accept(original, found, overlapOf).marks).toEqual([mark(1, 2), found]);
  });

  it('is new beside labels of other classes, or of other times', () => {
    expect(accept(original, mark(5, 8, 'run'), overlapOf).marks).toHaveLength(3);
    expect(accept(original, mark(2, 3), overlapOf).marks).toHaveLength(3);
  });
});

describe('segments', () => {
  it('are moved as far as the video goes', () => {
    expect(movedBy([1, 3], -5, 10)).toEqual([0, 2]);
    expect(movedBy([1, 3], 0.456, 10)).toEqual([1.46, 3.46]);
    expect(movedBy([6, 9], 5, 9.996)).toEqual([7, 9.996]);
  });

  it('have two ends that do not pass each other', () => {
    expect(withEdge([1, 3], 'start', 7, 10)).toEqual([2.95, 3]);
    expect(withEdge([1, 3], 'end', 0, 10)).toEqual([1, 1.05]);
    expect(withEdge([1, 3], 'end', 12, 10)).toEqual([1, 10]);
    expect(withEdge([1, 3], 'start', -1, 10)).toEqual([0, 3]);
  });
});

describe('boxes', () => {
  const size = { width: 100, height: 60 };

  it('stay within their picture, in whole pixels, and never without area', () => {
    expect(movedBox([10.4, 10, 30.4, 20], 85, -30, size)).toEqual([80, 0, 100, 10]);
    expect(withSide([10, 10, 30, 20], 2, 5, size)).toEqual([10, 10, 12, 20]);
    expect(withSide([10, 10, 30, 20], 3, 90.7, size)).toEqual([10, 10, 30, 60]);
    expect(withCorner([10, 10, 30, 20], { x: 0, y: 3 }, 4.6, 33.2, size)).toEqual([5, 10, 30, 33]);
    expect(boxBetween([40, 50], [20, 90], size)).toEqual([20, 50, 40, 60]);
    expect(boxBetween([40, 50], [41, 90], size)).toBeNull();
    expect(
      [{ label: 'a', box: [1, 2, 3, 4] }, { label: 'a', box: [3, 2, 3, 4] }, { box: [1, 2, 3, 4] }].map(isBoxMark),
    ).toEqual([true, false, false]);
  });

  it('say what became of labels and of what was found', () => {
    const truth = [
      { label: 'car', box: [0, 0, 10, 10] },
      { label: 'car', box: [50, 0, 60, 10] },
    ] as const;
    const found = [
      { label: 'car', box: [1, 0, 10, 10], score: 0.9 },
      { label: 'car', box: [0, 0, 10, 10], score: 0.8 },
      { label: 'bus', box: [0, 0, 10, 10], score: 0.7 },
      { label: 'car', box: [57, 0, 67, 10], score: 0.6 },
    ] as const;
    const bars = boxBars(truth, found, true);
    expect(bars.truth.map(({ tone }) => tone)).toEqual(['hit', 'missed']);
    expect(bars.found.map(({ tone }) => tone)).toEqual(['hit', 'false', 'false', 'late']);
    expect(new Set([...bars.truth, ...bars.found].map(({ key }) => key)).size).toBe(6);
    expect(boxBars([], found, false).found.every(({ tone }) => tone === 'open')).toBe(true);
    expect(boxAt(bars.found, 0.5, 5)?.score).toBe(0.8);
    expect(boxAt(bars.found, 30, 30)).toBeNull();
  });
});
