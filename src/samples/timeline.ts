// Places on a video's time line: which decoded frame is on screen at a time, and regular grids of such times.
import { Bug } from '../errors';

/** Containers round times to their own ticks, of which Matroska's is 1 ms. */
const roundingSeconds = 0.001;

/**
 * Index of the last frame that begins at `seconds` or before, the first frame where there is none.
 * @param times presentation times of all frames in seconds, ascending.
 */
export function frameAt(times: ArrayLike<number>, seconds: number): number {
  if (times.length === 0) throw new Bug('frameAt wants at least one frame');
  const step = times.length > 1 ? (times[times.length - 1]! - times[0]!) / (times.length - 1) : Infinity;
  const target = seconds + Math.min(roundingSeconds, step / 2);
  let low = 0;
  let high = times.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= target) low = middle;
    else high = middle;
  }
  return low;
}

/** `frameAt` for many times, each counted from the first frame: that is how annotations and players count. */
export function framesAt(times: ArrayLike<number>, secondsFromStart: ArrayLike<number>): number[] {
  return Array.from(secondsFromStart, (seconds) => frameAt(times, times[0]! + seconds));
}

/** Whether all frames lie on one grid, but for the container's rounding. */
export function isSteady(times: ArrayLike<number>): boolean {
  const step = (times[times.length - 1]! - times[0]!) / Math.max(1, times.length - 1);
  for (let i = 0; i < times.length; i++) {
    if (Math.abs(times[i]! - times[0]! - i * step) > Math.min(roundingSeconds, step / 2)) return false;
  }
  return true;
}

/**
 * The frames that stand for frame numbers of a steady rate, as label files count them: number g means g / rate seconds
 * after the first frame. With a steady frame rate that is the frame number itself.
 */
export function framesOnGrid(times: ArrayLike<number>, numbers: ArrayLike<number>, rate: number): number[] {
  return framesAt(
    times,
    Array.from(numbers, (number) => number / rate),
  );
}

/** A list of frames of fixed length; `valid` counts those that are no repeats of the last one. */
export interface PaddedFrames {
  readonly frames: readonly number[];
  readonly valid: number;
}

/** Cuts to `length`, or repeats the last frame up to it. */
export function padFrames(frames: readonly number[], length: number): PaddedFrames {
  if (frames.length === 0) throw new Bug('padFrames wants at least one frame');
  const last = frames[frames.length - 1]!;
  return {
    frames: Array.from({ length }, (_, i) => frames[i] ?? last),
    valid: Math.min(frames.length, length),
  };
}
