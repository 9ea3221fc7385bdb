// One random window of a long video per epoch, for training (AdaTAD, specs section 5.1).
import { everyNth } from './everyNth';
import { completeness, type LabelledSegment } from './segments';

export interface TruncationRule {
  /** Frames from one snippet to the next. */
  readonly stride: number;
  /** Snippets of a window. */
  readonly snippets: number;
  /** Shortest share of a video that fits into a window whole. */
  readonly leastShare: number;
  /** Share of a segment that must lie inside for it to be kept. */
  readonly leastKept: number;
  readonly tries: number;
}

export const adatadTruncation: TruncationRule = {
  stride: 4,
  snippets: 768,
  leastShare: 0.9,
  leastKept: 0.75,
  tries: 200,
};

/** A whole number from `low` to `high`, both included. */
export type RandomInteger = (low: number, high: number) => number;

export interface Truncation {
  /** Frame numbers of the snippets; `snippets` or fewer. Pad with the last one. */
  readonly frames: readonly number[];
  /** On the grid of snippets of this window, cut at its ends. */
  readonly segments: readonly LabelledSegment[];
}

/**
 * Draws windows until one keeps a segment; after so many tries the last draw is taken as it is.
 * @param segments on the grid of snippets of the whole video.
 */
export function randomTruncation(
  totalFrames: number,
  segments: readonly LabelledSegment[],
  random: RandomInteger,
  rule: TruncationRule = adatadTruncation,
): Truncation {
  const frames = everyNth(totalFrames, rule.stride);
  const total = frames.length;
  const shortest = Math.max(roundHalfToEven(rule.leastShare * total), 1);
  const length = total > rule.snippets ? rule.snippets : random(shortest, total);
  if (length === total) return { frames, segments };
  let start = 0;
  let kept: LabelledSegment[] = [];
  for (let tries = 0; tries < rule.tries && kept.length === 0; tries++) {
    start = random(0, total - length);
    const end = start + length;
    kept = segments
      .filter(({ segment }) => completeness(segment, start, end) >= rule.leastKept)
      .map(({ segment, label }) => ({
        segment: [Math.max(segment[0], start) - start, Math.min(segment[1], end) - start] as const,
        label,
      }));
  }
  return { frames: frames.slice(start, start + length), segments: kept };
}

/** Python's round. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
