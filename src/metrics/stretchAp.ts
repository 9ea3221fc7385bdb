// Average precision of stretches of time cut out of class curves: Wu et al. 2024, VadCLIP, arXiv:2308.11681, table 2.
//
// As VadCLIP's published code, but for a class that finds nothing at all, which counts 0 here and not for the whole.
import type { Stretch } from './frameScores';

export interface JudgedVideo {
  /** Probability of each class along the frames, [frames][classes] by `at(frame, class)`. */
  readonly frames: number;
  readonly at: (frame: number, category: number) => number;
  /** What happens when; a normal video is one stretch of its class from start to end. */
  readonly truth: readonly { readonly category: number; readonly stretch: Stretch }[];
}

export interface FoundStretch {
  readonly stretch: Stretch;
  readonly score: number;
}

/** One frame in so many says how sure a video's class is. */
const ONE_IN = 16;
/** A stretch lies above the largest value less this share of the range. */
const DEPTH = 0.6;
/** What the video's class adds to a stretch's own largest value. */
const VIDEO_SHARE = 0.7;

/** Runs of at least two frames that stand out of a video's curve of one class. */
export function stretchesOf({ frames, at }: JudgedVideo, category: number): FoundStretch[] {
  const curve = Float64Array.from({ length: frames }, (_, frame) => at(frame, category));
  const falling = Float64Array.from(curve).sort().reverse();
  const [largest, smallest] = [falling[0] ?? 0, falling.at(-1) ?? 0];
  const best = falling.subarray(0, Math.floor(frames / ONE_IN));
  const sure = best.length === 0 ? 0 : best.reduce((sum, one) => sum + one, 0) / best.length;
  const threshold = largest - (largest - smallest) * DEPTH;
  const found: FoundStretch[] = [];
  for (let start = 0; start < frames; start++) {
    if (!(curve[start]! > threshold)) continue;
    let [end, top] = [start, -Infinity];
    for (; end < frames && curve[end]! > threshold; end++) top = Math.max(top, curve[end]!);
    if (end - start >= 2) found.push({ stretch: [start, end], score: top + VIDEO_SHARE * sure });
    start = end;
  }
  return found;
}

function overlap([startA, endA]: Stretch, [startB, endB]: Stretch): number {
  const shared = Math.max(0, Math.min(endA, endB) - Math.max(startA, startB));
  return shared / (endA - startA + (endB - startB) - shared);
}

/** Of one class over all videos; 0 where it never happens or nothing is hit. */
export function stretchAp(videos: readonly JudgedVideo[], category: number, threshold: number): number {
  const left = videos.map(({ truth }) => truth.filter((one) => one.category === category).map((one) => one.stretch));
  const positives = left.flat().length;
  const found = videos
    .flatMap((video, at) => stretchesOf(video, category).map((one) => ({ ...one, at })))
    .sort((a, b) => b.score - a.score);
  let [hits, sum] = [0, 0];
  found.forEach(({ stretch, at }, rank) => {
    const free = left[at]!;
    const overlaps = free.map((one) => overlap(one, stretch));
    const best = Math.max(0, ...overlaps);
    if (best < threshold || overlaps.length === 0) return;
    free.splice(overlaps.indexOf(best), 1);
    hits++;
    sum += hits / (rank + 1);
  });
  return positives === 0 ? 0 : sum / positives;
}

/** 0.1, 0.2, … 0.5. */
export const stretchThresholds: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5];

/** Mean over all classes, normal among them, at each threshold; and the mean of those. Shares, not per cent. */
export function stretchScores(
  videos: readonly JudgedVideo[],
  categories: number,
): { readonly perThreshold: readonly number[]; readonly average: number } {
  const perThreshold = stretchThresholds.map((threshold) => {
    const each = Array.from({ length: categories }, (_, category) => stretchAp(videos, category, threshold));
    return each.reduce((sum, one) => sum + one, 0) / categories;
  });
  return { perThreshold, average: perThreshold.reduce((sum, one) => sum + one, 0) / perThreshold.length };
}
