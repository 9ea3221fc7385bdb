// What can be found in the pictures of a video before a model judges it: faces, and people's key points.
import type { OpenVideo } from '../../frames/videoStore';
import type { DataFile } from '../../formats/dataFile';
import type { KeyPointTrack } from '../../formats/keyPoints';

/** One face, followed along a video. */
export interface FaceTrack {
  /** For example `face 1`, in the order in which they appear. */
  readonly name: string;
  /** Numbers in the video's times, ascending, [F]; those between the first and the last without a box are bridged. */
  readonly frames: readonly number[];
  /** Left, top, width and height in pixels of the upright picture, [F, 4]. */
  readonly boxes: Float32Array;
}

/** Decodes at its own pace and holds a bounded number of frames; `told` hears of the part that is done, 0..1. */
export interface Finders {
  faces(video: OpenVideo, signal: AbortSignal, told: (share: number) => void): Promise<readonly FaceTrack[]>;
  /** By the person's own model where there is one, with what its inputs and outputs mean where that was said. */
  keyPoints(
    video: OpenVideo,
    signal: AbortSignal,
    told: (share: number) => void,
    own?: { readonly model: DataFile; readonly said: DataFile | null },
  ): Promise<readonly KeyPointTrack[]>;
}
