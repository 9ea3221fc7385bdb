// Bars of a video: which are still offered, and which frames they stand over.
import { overlapOf, type SegmentMark, type Span } from './segmentEdits';
import type { Bar } from './segmentRows';

/** What was found and nobody has said of that it is not there. */
export function notDismissed<B extends Bar>(found: readonly B[], dismissed: readonly SegmentMark[]): B[] {
  return found.filter((bar) => !dismissed.some((mark) => mark.label === bar.label && overlapOf(mark, bar) > 0.7));
}

/** Where a bar's own frames begin and end among timestamps that ascend: first and last. */
export function framesOf([start, end]: Span, timestamps: Float64Array): readonly [number, number] {
  let [first, last] = [0, 0];
  timestamps.forEach((seconds, frame) => {
    if (seconds <= start + 1e-6) first = frame;
    if (seconds <= end + 1e-6) last = frame;
  });
  return [first, Math.max(first, last)];
}
