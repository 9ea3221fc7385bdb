// Stretches of a face video that no clip leaves: all of it, or the clips of its pictures one after the other.
import { clipFrames, type ClipShape } from '../../samples/clips';
import type { StoredVideo } from '../../frames/videoStore';

export interface Stretch {
  /** Number of its first frame in the video's times. */
  readonly firstFrame: number;
  /** Presentation times of its frames in seconds. */
  readonly times: Float64Array;
  readonly durationSeconds: number;
}

/** A video as one stretch, or cut into stretches of so many frames each, all equally long on screen. */
export function stretchesOf(
  { times, facts: { durationSeconds } }: Pick<StoredVideo, 'times' | 'facts'>,
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
