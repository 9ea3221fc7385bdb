// From what the model says of windows to the actions of a video: seconds, soft suppression, rounding (spec section 7).
import { softNms } from '../../metrics/nms';
import type { PointLevel } from './points';

/** One detected action; the segment is in the unit that the function says. */
export interface Detection {
  readonly segment: readonly [number, number];
  readonly label: number;
  readonly score: number;
}

/** What the model says of one window, for all points of all levels one after the other. */
export interface WindowOutput {
  /** Chance of each class, [points, classes]. */
  readonly scores: Float32Array;
  /** To the left and right of each point, in strides of its level, [points, 2]. */
  readonly distances: Float32Array;
}

/** Where a window lies in its video. */
export interface WindowPlace {
  readonly firstFrame: number;
  /** Snippets that are no repeats of the last one. */
  readonly snippets: number;
  /** Frames from one snippet to the next. */
  readonly stride: number;
}

export interface VideoClock {
  readonly framesPerSecond: number;
  readonly durationSeconds: number;
}

export interface ResultRules {
  /** Scores at most this are left out of a window. */
  readonly leastScore: number;
  /** Detections that a window keeps before suppression, and a video and each of its classes after it. */
  readonly most: number;
  /** Width of the Gaussian by which overlaps lower scores. */
  readonly sigma: number;
}

/** OpenTAD's for THUMOS14. Voting among segments has no effect there, since its classes are suppressed one by one. */
export const recordedRules: ResultRules = { leastScore: 0.001, most: 2000, sigma: 0.7 };

const { fround } = Math;
const SEGMENT_DECIMALS = 2;
const SCORE_DECIMALS = 4;

/** As Python's round; exact for single-precision values, of which upstream's all are. */
export function roundDecimals(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  const below = Math.floor(value * factor);
  const rest = value * factor - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (below + (up ? 1 : 0)) / factor;
}

function rounded({ segment, label, score }: Detection): Detection {
  const [start, end] = segment;
  return {
    segment: [roundDecimals(start, SEGMENT_DECIMALS), roundDecimals(end, SEGMENT_DECIMALS)],
    label,
    score: roundDecimals(score, SCORE_DECIMALS),
  };
}

/**
 * The best detections of a window, best first, in seconds and rounded. All in single precision, as upstream, so that
 * what it rounds up is rounded up here.
 */
export function windowDetections(
  { scores, distances }: WindowOutput,
  levels: readonly PointLevel[],
  place: WindowPlace,
  clock: VideoClock,
  rules: ResultRules = recordedRules,
): Detection[] {
  const classes = scores.length / (distances.length / 2);
  const least = fround(rules.leastScore);
  const found: { point: number; position: number; stride: number; label: number; score: number }[] = [];
  let point = 0;
  for (const { stride, points } of levels) {
    for (let i = 0; i < points; i++, point++) {
      if (i * stride >= place.snippets) continue;
      for (let label = 0; label < classes; label++) {
        const score = scores[point * classes + label]!;
        if (score > least) found.push({ point, position: i * stride, stride, label, score });
      }
    }
  }
  found.sort((a, b) => b.score - a.score);
  return found.slice(0, rules.most).map(({ point: at, position, stride, label, score }) => {
    const seconds = (distance: number): number => {
      const onGrid = fround(position + fround(distance * stride));
      const frame = fround(fround(onGrid * place.stride) + place.firstFrame);
      const time = fround(frame / fround(clock.framesPerSecond));
      return Math.min(Math.max(time, 0), fround(clock.durationSeconds));
    };
    const segment = [seconds(-distances[at * 2]!), seconds(distances[at * 2 + 1]!)] as const;
    return rounded({ segment, label, score });
  });
}

/**
 * The actions of a video from the detections of all its windows in their order: every class by itself is suppressed
 * softly, and the best ones of all classes stay, best first, scores lowered and rounded again.
 */
export function videoDetections(
  windows: readonly (readonly Detection[])[],
  rules: ResultRules = recordedRules,
): Detection[] {
  const byLabel = new Map<number, Detection[]>();
  for (const detection of windows.flat()) {
    const others = byLabel.get(detection.label);
    if (others) others.push(detection);
    else byLabel.set(detection.label, [detection]);
  }
  const kept = [...byLabel]
    .sort(([a], [b]) => a - b)
    .flatMap(([, own]) => suppressSoftly(own, rules.sigma, rules.most));
  return kept
    .sort((a, b) => b.score - a.score)
    .slice(0, rules.most)
    .map(rounded);
}

/**
 * One class: best first and no more than `most`, the score of each lowered by those before it that overlap it. Segments
 * as given.
 */
export function suppressSoftly(detections: readonly Detection[], sigma: number, most = Infinity): Detection[] {
  const starts = Float32Array.from(detections, ({ segment }) => segment[0]);
  const ends = Float32Array.from(detections, ({ segment }) => segment[1]);
  const lengths = starts.map((start, i) => ends[i]! - start + 1e-6);
  const overlap = (i: number, j: number): number => {
    const shared = fround(Math.min(ends[i]!, ends[j]!) - Math.max(starts[i]!, starts[j]!));
    return shared > 0 ? fround(shared / fround(fround(lengths[i]! + lengths[j]!) - shared)) : 0;
  };
  const scores = Float32Array.from(detections, ({ score }) => score);
  const { indices, scores: lowered } = softNms(scores, overlap, { sigma, minScore: 0, most });
  return indices.map((i, rank) => ({ ...detections[i]!, score: lowered[rank]! }));
}
