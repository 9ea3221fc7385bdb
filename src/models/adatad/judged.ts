// Detections beside the truth, as a person looks at them: hits, late ones, false ones, and what was missed.
import { temporalIou, type Action, type DetectedAction } from '../../metrics/tadMap';

/**
 * `hit` overlaps an action of its label enough, `late` overlaps one that nothing hits but not enough, `false` neither:
 * another label, nothing there, or an action that a better detection has hit.
 */
export type Verdict = 'hit' | 'late' | 'false';

export interface JudgedDetection {
  readonly detection: DetectedAction;
  readonly verdict: Verdict;
  /** Place of the action that it hits or is late for, or null. */
  readonly truth: number | null;
}

export interface JudgedVideo {
  /** In the order given. */
  readonly detections: readonly JudgedDetection[];
  /** Places of actions that nothing hits; those that something is late for are among them. */
  readonly missed: readonly number[];
}

/** One video's detections, the best first to choose, by the rule that the metric has at this overlap. */
export function judgeVideo(
  truth: readonly Action[],
  detections: readonly DetectedAction[],
  leastIou: number,
): JudgedVideo {
  const order = detections.map((_, i) => i).sort((a, b) => detections[b]!.score - detections[a]!.score);
  const hitBy = new Map<number, number>();
  const hits = new Map<number, number>();
  const most = (detection: DetectedAction, enough: number): number | null => {
    let best: number | null = null;
    let overlap = 0;
    truth.forEach((action, place) => {
      const iou = action.label === detection.label ? temporalIou(action.segment, detection.segment) : 0;
      if (hitBy.has(place) || iou < enough || iou <= overlap) return;
      [best, overlap] = [place, iou];
    });
    return best;
  };
  for (const i of order) {
    const place = most(detections[i]!, leastIou);
    if (place === null) continue;
    hitBy.set(place, i);
    hits.set(i, place);
  }
  return {
    detections: detections.map((detection, i) => {
      const hit = hits.get(i);
      if (hit !== undefined) return { detection, verdict: 'hit', truth: hit };
      const near = most(detection, 0);
      return { detection, verdict: near === null ? 'false' : 'late', truth: near };
    }),
    missed: truth.map((_, place) => place).filter((place) => !hitBy.has(place)),
  };
}
