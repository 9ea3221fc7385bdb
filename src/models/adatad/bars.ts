// Segments of one video as the view draws them: labels and detections with what became of each, under names that last.
import type { Action } from '../../metrics/tadMap';
import type { Bar, Tone } from '../../ui/corrections/segmentRows';
import type { JudgedVideo } from './judged';

type Span = Action['segment'];

/** Equal actions have equal names, but for their number among equals. */
export function barKey(kind: 'truth' | 'found', { label, segment }: Action, among = 0): string {
  return [kind, label, segment[0].toFixed(2), segment[1].toFixed(2), among].join('|');
}

function keyed<A extends Action>(kind: 'truth' | 'found', actions: readonly A[]): { key: string; action: A }[] {
  const seen = new Map<string, number>();
  return actions.map((action) => {
    const plain = barKey(kind, action);
    const among = seen.get(plain) ?? 0;
    seen.set(plain, among + 1);
    return { key: barKey(kind, action, among), action };
  });
}

/** Labels in their order; those that something is late for are missed. */
export function truthBars(truth: readonly Action[], { missed }: JudgedVideo): Bar[] {
  return keyed('truth', truth).map(({ key, action: { segment, label } }, place) => ({
    ...{ key, segment, label, score: null },
    tone: missed.includes(place) ? 'missed' : 'hit',
  }));
}

/** Detections, best first; `labelled` is false where there is nothing to judge them by. */
export function foundBars({ detections }: JudgedVideo, labelled: boolean): Bar[] {
  return keyed(
    'found',
    detections.map(({ detection, verdict }) => ({ ...detection, verdict })),
  ).map(({ key, action: { segment, label, score, verdict } }) => {
    const tone: Tone = labelled ? verdict : 'open';
    return { key, segment, label, score, tone };
  });
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
