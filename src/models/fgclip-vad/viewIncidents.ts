// Incidents of a video as the view lists them, in seconds and with the class that they look most like.
import { incidentsOf } from './incidents';
import type { ViewVideo } from './viewPayload';

export interface ViewIncident {
  readonly start: number;
  readonly end: number;
  /** Sample with the largest score. */
  readonly peak: number;
  readonly score: number;
  /** Number of the most probable class beside normal. */
  readonly category: number;
}

/** An incident goes on as long as the score stays above this share of the threshold. */
const LOWER = 0.6;

/** Of a curve that is averaged over three samples; a gap of one sample does not part two. */
export function viewIncidents(
  video: Pick<ViewVideo, 'times' | 'end' | 'classes'>,
  score: ArrayLike<number>,
  threshold: number,
): ViewIncident[] {
  const { times, end, classes } = video;
  const count = classes.length / times.length;
  return incidentsOf(score, { smooth: 3, high: threshold, low: LOWER * threshold, gap: 1, shortest: 1 }).map((one) => {
    let category = Math.min(1, count - 1);
    for (let k = 1; k < count; k++)
      if (classes[one.peak * count + k]! > classes[one.peak * count + category]!) category = k;
    return {
      start: times[one.start]!,
      end: times[one.end] ?? end,
      ...{ peak: one.peak, score: one.score, category },
    };
  });
}
