// The videos of a run: opened once, their frames from the cache of resized frames or from a decoder.
import type { UserError } from '../errors';
import type { ColourJitter } from '../engine/frames/colourJitter';
import type { Rect, Size, Turn } from '../engine/frames/placement';
import type { RandAugment } from '../engine/frames/randAugment';
import type { DecodedFrame, DecodeOptions } from '../video/decodeFrames';
import type { PictureList } from '../video/pictureVideo';
import type { VideoFacts } from '../video/videoFile';
import type { DataFile } from '../formats/dataFile';
import type { FrameInput } from './frameInput';

/** What became of the resized frames of a run's videos. Bytes are of frames, not of their files. */
export interface KeptFramesReport {
  readonly videos: number;
  /** Videos that need not be decoded again in this run. */
  readonly kept: number;
  /** In the browser's storage from an earlier run. */
  readonly foundBytes: number;
  /** Put there for the next one. */
  readonly writtenBytes: number;
  /** In memory only, as long as the run. */
  readonly memoryBytes: number;
  /** Of other videos, deleted to make room. */
  readonly removedBytes: number;
  /** Names of the files that hold what the run uses; see `removeFrames`. */
  readonly files: readonly string[];
}

/** What every clip of a run has in common. */
export interface FrameLook {
  readonly size: Size;
  /** Kept frames reach this many of these pixels beyond the crop on all sides, for clips that look there; none by default. */
  readonly margin?: number;
  /** Pixels of kept frames for each of these, so that clips of other sizes stay sharp; 1 by default. */
  readonly detail?: number;
  /**
   * Frames that are not kept are made as kept ones are, bytes and all: to the bit what a run on kept frames saw. Slower,
   * since each frame crosses from the GPU and back.
   */
  readonly asKept?: boolean;
  /** Of red, green and blue, in units of 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** One clip: frames of one video that are treated alike. */
export interface ClipFrames {
  readonly video: OpenVideo;
  /** Numbers in the video's `times`, ascending; a frame may come twice. */
  readonly frames: readonly number[];
  /** What the clip sees, in pixels of the look from the crop's corner on: the crop itself by default. */
  readonly window?: Rect;
  /** Mirrored left to right. */
  readonly flip: boolean;
  /** Turned clockwise after that, by quarters only where the look is square; flipped and turned by 180 is top to bottom. */
  readonly turn?: Turn;
  /** Operations on the placed frames before colour jitter; none where nothing is said. */
  readonly augment?: RandAugment;
  readonly jitter: ColourJitter;
}

/** A small picture for the page, red, green, blue and 255. */
export interface Still {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
}

export interface OpenVideo {
  readonly facts: VideoFacts;
  /** Names, sizes and times of change of its files: the same for the same ones. */
  readonly source: string;
  /** Presentation times of all frames in seconds. */
  readonly times: Float64Array;
  /** What of the upright picture the run sees; null for all of it, a list where each frame has its own. */
  readonly crop: Rect | readonly Rect[] | null;
  /** One frame as the run sees it. Throws UserError. */
  still(frame: number, size: Size): Promise<Still>;
  /** Decoded frames as the file has them, uncropped; whoever takes one closes it. Throws as `decodeFrames`. */
  frames(options: DecodeOptions): AsyncIterable<DecodedFrame>;
}

/** Only in a worker of the browser. */
export interface VideoStore {
  /**
   * Opens a file and reads its index. `crop` in pixels of the upright picture. `onProblem` hears once of frames that could
   * not be decoded; the ones before them stand in. Throws UserError as VideoFile.open.
   */
  open(
    file: DataFile,
    crop: (facts: VideoFacts) => Rect | null,
    onProblem?: (problem: UserError) => void,
  ): Promise<OpenVideo>;
  /**
   * The same for a video that comes as pictures. `onProblem` hears of each picture that cannot be read; the ones before
   * them stand in. Throws UserError where there is no other.
   */
  openPictures(
    list: PictureList,
    crop: (facts: VideoFacts) => Rect | null,
    onProblem?: (problem: UserError) => void,
  ): Promise<OpenVideo>;
  /** The same video seen through crops of its own for each frame, in pixels of the upright picture. */
  cropped(video: OpenVideo, crops: readonly Rect[]): OpenVideo;
  /**
   * Decodes all frames of the videos to this size and keeps them, where the person lets it and room allows for all of
   * them. Inputs made meanwhile wait for their videos, which are kept before the others. `progress` counts frames; what
   * it throws ends the work. `until` ends it early: the answer then tells what was kept so far.
   */
  keep(
    videos: readonly OpenVideo[],
    look: Pick<FrameLook, 'size' | 'margin' | 'detail'>,
    progress: (done: number, total: number) => void,
    until?: AbortSignal,
  ): Promise<KeptFramesReport>;
  /** The clips one after the other as an input [clips, frames, 3, height, width]. */
  input(clips: readonly ClipFrames[], look: FrameLook): FrameInput;
  /** Closes one video and what is held of it. */
  close(video: OpenVideo): void;
  /** Closes all files and ends the workers. */
  dispose(): void;
}
