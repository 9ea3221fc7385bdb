// What windows found, before suppression, in a form that crosses to the page: there it is suppressed again at other rules.
import type { DetectedAction } from '../../metrics/tadMap';
import { videoDetections, type Detection, type ResultRules } from './results';

/** Detections of all windows of a video, one window after the other; single precision loses nothing of rounded ones. */
export interface Candidates {
  /** Start and end of each in seconds, [count, 2]. */
  readonly seconds: Float32Array;
  readonly scores: Float32Array;
  /** Numbers of classes. */
  readonly labels: Uint16Array;
  /** Of those that windows found, how many are not among these. */
  readonly leftOut: number;
}

/** Of a video with more, those of the best scores cross. */
const MOST_CANDIDATES = 4000;

/** `windows` as `videoDetections` takes them; their order stays. */
export function packCandidates(windows: readonly (readonly Detection[])[], most = MOST_CANDIDATES): Candidates {
  const all = windows.flat();
  const least = all.length > most ? all.map(({ score }) => score).sort((a, b) => b - a)[most - 1]! : 0;
  const kept = all.filter(({ score }) => score >= least).slice(0, most);
  return {
    seconds: Float32Array.from(kept.flatMap(({ segment }) => segment)),
    scores: Float32Array.from(kept, ({ score }) => score),
    labels: Uint16Array.from(kept, ({ label }) => label),
    leftOut: all.length - kept.length,
  };
}

/** The actions of a video at these rules, best first, as a pass finds them. */
export function actionsOf(
  { seconds, scores, labels }: Candidates,
  classes: readonly string[],
  rules: ResultRules,
): DetectedAction[] {
  const all = Array.from(scores, (score, i): Detection => ({
    segment: [seconds[2 * i]!, seconds[2 * i + 1]!],
    label: labels[i]!,
    score,
  }));
  return videoDetections([all], rules).map(({ segment, label, score }) => ({
    segment,
    label: classes[label] ?? String(label),
    score,
  }));
}
