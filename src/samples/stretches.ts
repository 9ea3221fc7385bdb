// Stretches of a video that no clip leaves: all of it, or the clips of its pictures one after the other.
import { clipFrames, clipStarts, type ClipShape } from './clips';

/** A video's presentation times and how long it lasts, in seconds. */
export interface TimedVideo {
  readonly times: Float64Array;
  readonly facts: { readonly durationSeconds: number };
}

export interface Stretch {
  /** Number of its first frame in the video's times. */
  readonly firstFrame: number;
  /** Presentation times of its frames in seconds. */
  readonly times: Float64Array;
  readonly durationSeconds: number;
}

/** A video as one stretch, or cut into stretches of so many frames each, all equally long on screen. */
export function stretchesOf(
  { times, facts: { durationSeconds } }: TimedVideo,
  counts: readonly number[] = [times.length],
): Stretch[] {
  let next = 0;
  return counts.map((count) => {
    const firstFrame = next;
    next += count;
    return {
      firstFrame,
      times: times.subarray(firstFrame, next),
      durationSeconds: (durationSeconds * count) / times.length,
    };
  });
}

/** Frames of the clip that starts so long after the first frame of the stretch, as numbers in the video's times. */
export function framesIn({ firstFrame, times }: Stretch, startSeconds: number, shape: ClipShape): number[] {
  return clipFrames(times, startSeconds, shape).map((frame) => firstFrame + frame);
}

/** A place for a clip: so long after the first frame of a stretch. */
export interface ClipPlace {
  readonly stretch: Stretch;
  readonly startSeconds: number;
}

/** Fixed windows over all stretches, from one start to the next `strideSeconds`. */
export function windowsOver(stretches: readonly Stretch[], shape: ClipShape, strideSeconds: number): ClipPlace[] {
  return stretches.flatMap((stretch) =>
    clipStarts(stretch.durationSeconds, shape.spanSeconds, strideSeconds).map((startSeconds) => ({
      stretch,
      startSeconds,
    })),
  );
}
