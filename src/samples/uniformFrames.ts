// Frames spread evenly over a whole video, or over a part of it (FG-CLIP's video variant).
import { framesAt, isSteady, padFrames, type PaddedFrames } from './timeline';

/** floor(linspace(0, total - 1, count)) as NumPy computes it; all frames, the last one repeated, where there are fewer. */
export function uniformIndices(total: number, count: number): PaddedFrames {
  if (total <= count) {
    return padFrames(
      Array.from({ length: total }, (_, i) => i),
      count,
    );
  }
  const step = count > 1 ? (total - 1) / (count - 1) : 0;
  const frames = Array.from({ length: count }, (_, i) =>
    count > 1 && i === count - 1 ? total - 1 : Math.floor(i * step),
  );
  return { frames, valid: count };
}

/**
 * The same by presentation time, so that a variable rate does not bend it: the frames on screen at `count` times evenly
 * spaced from the first frame to the last. At a steady rate these are `uniformIndices`.
 * @param times presentation times of the frames to spread over, ascending.
 */
export function uniformFrames(times: ArrayLike<number>, count: number): PaddedFrames {
  const total = times.length;
  if (total <= count || count === 1 || isSteady(times)) return uniformIndices(total, count);
  const span = times[total - 1]! - times[0]!;
  const frames = framesAt(
    times,
    Array.from({ length: count }, (_, i) => (span * i) / (count - 1)),
  );
  return { frames, valid: count };
}
