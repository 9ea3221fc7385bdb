// Names for labelled and found stretches of time that last as long as these stay what they are.
import type { LabelledSegment } from './segmentLabels';

type SegmentKind = 'truth' | 'found';

/** Equal segments have equal names, but for their number among equals. */
export function segmentKey(kind: SegmentKind, { label, segment }: LabelledSegment, among = 0): string {
  return [kind, label, segment[0].toFixed(2), segment[1].toFixed(2), among].join('|');
}

/** Segments with their names, in their order. */
export function keyed<S extends LabelledSegment>(
  kind: SegmentKind,
  segments: readonly S[],
): { readonly key: string; readonly of: S }[] {
  const seen = new Map<string, number>();
  return segments.map((of) => {
    const plain = segmentKey(kind, of);
    const among = seen.get(plain) ?? 0;
    seen.set(plain, among + 1);
    return { key: segmentKey(kind, of, among), of };
  });
}
