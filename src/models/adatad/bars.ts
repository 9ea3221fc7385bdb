// Segments of one video as the view draws them: labels and detections with what became of each.
import { keyed } from '../../annotations/segmentKeys';
import type { Action } from '../../metrics/tadMap';
import type { Bar, Tone } from '../../ui/corrections/segmentRows';
import type { JudgedVideo } from './judged';

/** Labels in their order; those that something is late for are missed. */
export function truthBars(truth: readonly Action[], { missed }: JudgedVideo): Bar[] {
  return keyed('truth', truth).map(({ key, of: { segment, label } }, place) => ({
    ...{ key, segment, label, score: null },
    tone: missed.includes(place) ? 'missed' : 'hit',
  }));
}

/** Detections, best first; `labelled` is false where there is nothing to judge them by. */
export function foundBars({ detections }: JudgedVideo, labelled: boolean): Bar[] {
  return keyed(
    'found',
    detections.map(({ detection, verdict }) => ({ ...detection, verdict })),
  ).map(({ key, of: { segment, label, score, verdict } }) => {
    const tone: Tone = labelled ? verdict : 'open';
    return { key, segment, label, score, tone };
  });
}
