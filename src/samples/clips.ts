// Short clips of evenly spaced frames, placed by time (MNTSM's sampling of its own).
import { framesAt } from './timeline';

export interface ClipShape {
  readonly frames: number;
  /** Time from the first frame of a clip to the first frame of the clip that would follow at once. */
  readonly spanSeconds: number;
}

/** Starts of fixed clips, in seconds after the first frame: 0, stride, … while a whole clip fits, and always one. */
export function clipStarts(durationSeconds: number, spanSeconds: number, strideSeconds: number): number[] {
  // A clip may end a rounding error after the video.
  const fitting = Math.floor((durationSeconds - spanSeconds) / strideSeconds + 1e-6) + 1;
  return Array.from({ length: Math.max(1, fitting) }, (_, i) => i * strideSeconds);
}

/** Start of a random clip; `uniform` is a number in [0, 1). Videos shorter than a clip start at 0. */
export function randomClipStart(durationSeconds: number, spanSeconds: number, uniform: number): number {
  return uniform * Math.max(0, durationSeconds - spanSeconds);
}

/**
 * Frames of the clip that starts `startSeconds` after the first frame: at start + k · span / frames the frame on screen.
 * Beyond the end the last frame repeats.
 */
export function clipFrames(
  times: ArrayLike<number>,
  startSeconds: number,
  { frames, spanSeconds }: ClipShape,
): number[] {
  const step = spanSeconds / frames;
  return framesAt(
    times,
    Array.from({ length: frames }, (_, k) => startSeconds + k * step),
  );
}
