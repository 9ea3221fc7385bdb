// What rows of segments show: for each class what is true above what was found, with a word for what became of either.
import type { Span } from './segmentEdits';

/** What became of a segment; `open` where nothing is to compare it with. */
export type Tone = 'hit' | 'late' | 'false' | 'missed' | 'open';

export interface Bar {
  readonly key: string;
  readonly segment: Span;
  readonly label: string;
  /** Of what was found; null for what is labelled. */
  readonly score: number | null;
  readonly tone: Tone;
}

export interface SegmentRow {
  readonly label: string;
  readonly truth: readonly Bar[];
  readonly found: readonly Bar[];
}

/** One row for each class in its order; those that have nothing to show are left out, unless all are wanted. */
export function segmentRows(
  classes: readonly string[],
  truth: readonly Bar[],
  found: readonly Bar[],
  all: boolean,
): SegmentRow[] {
  const of = (bars: readonly Bar[], label: string): Bar[] => bars.filter((bar) => bar.label === label);
  const labels = [...new Set([...classes, ...[...truth, ...found].map(({ label }) => label)])];
  return labels
    .map((label) => ({ label, truth: of(truth, label), found: of(found, label).reverse() }))
    .filter((row) => all || row.truth.length > 0 || row.found.length > 0);
}
