// Faces that were found in a video: each with the video as its crops see it, and the stretch in which it was seen.
import { UserError } from '../../errors';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import { faceCrops } from '../../samples/faceCrops';
import type { Stretch } from '../../samples/stretches';
import type { Finders, FaceTrack } from '../../training/judging/finders';

export interface FoundFace {
  readonly track: FaceTrack;
  /** Through crops that follow the face. */
  readonly video: OpenVideo;
  /** From the first frame that shows it to the last. */
  readonly stretch: Stretch;
}

export interface FaceSearch {
  readonly videos: VideoStore;
  readonly finders: Finders;
  readonly signal: AbortSignal;
  readonly told: (share: number) => void;
}

/** All faces of a video that was opened whole, in the order in which they appear. `margin` is that of `faceCrops`. */
export async function findFaces(
  whole: OpenVideo,
  margin: number,
  { videos, finders, signal, told }: FaceSearch,
): Promise<FoundFace[]> {
  const { times, facts } = whole;
  const tracks = await finders.faces(whole, signal, told);
  return tracks.map((track): FoundFace => {
    const [first, last] = [track.frames[0]!, track.frames.at(-1)!];
    const end = times[last + 1] ?? times[0]! + facts.durationSeconds;
    return {
      track,
      video: videos.cropped(whole, faceCrops(track, times, facts, margin)),
      stretch: { firstFrame: first, times: times.subarray(first, last + 1), durationSeconds: end - times[first]! },
    };
  });
}

/**
 * The face that takes most of the pictures, as training wants one for each video.
 * @throws UserError `mntsm-no-face` where there is none.
 */
export function mainFace(faces: readonly FoundFace[], path: string): FoundFace {
  const [main] = [...faces].sort((a, b) => shown(b.track) - shown(a.track));
  if (main) return main;
  const message = `No face was found in this video, so it is left out (${path})`;
  throw new UserError('mntsm-no-face', message, { path });
}

/** Area of all its boxes. */
function shown({ boxes }: FaceTrack): number {
  let sum = 0;
  for (let at = 0; at < boxes.length; at += 4) sum += boxes[at + 2]! * boxes[at + 3]!;
  return sum;
}
