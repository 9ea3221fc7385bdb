// Made-up opened videos and a store that only notes what is asked of it.
import type { OpenedFace } from '../../../src/models/mntsm/faceVideos';
import { stretchesOf } from '../../../src/samples/stretches';
import type { MntsmDataSettings } from '../../../src/models/mntsm/dataSettings';
import type { FrameInput } from '../../../src/frames/frameInput';
import type { ClipFrames, OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import type { VideoFacts } from '../../../src/video/videoFile';

export const sampleSettings: MntsmDataSettings = {
  shape: { frames: 4, spanSeconds: 2 },
  strideSeconds: 1,
  picturesPerSecond: 25,
  starts: 'windows',
  cropShare: null,
  faceMargin: null,
  cropJitter: 0,
  look: { size: { width: 8, height: 8 }, mean: [0, 0, 0], std: [1, 1, 1] },
  flip: 0,
  jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
  perFrame: false,
  balancedSampler: false,
  positiveWeight: 'none',
  threshold: 0.5,
  cacheFrames: false,
  judgeTraining: false,
  judgeTest: false,
};

/** Ten frames a second. `shade` is the grey level of every still. */
export function sampleFace(
  path: string,
  seconds: number,
  face: Partial<Pick<OpenedFace, 'manipulated' | 'kind' | 'split'>> & { readonly shade?: number } = {},
): OpenedFace {
  const { manipulated = false, kind = manipulated ? 'swap' : 'real', split = 'train', shade = 0 } = face;
  const times = Float64Array.from({ length: Math.round(seconds * 10) }, (_, i) => 0.5 + i / 10);
  const video: OpenVideo = {
    source: path,
    facts: {
      path,
      times,
      durationSeconds: seconds,
      width: 32,
      height: 32,
      notices: [],
    } as Partial<VideoFacts> as VideoFacts,
    times,
    crop: null,
    frames: () => {
      throw new Error('nothing is decoded');
    },
    still: (_frame, { width, height }) =>
      Promise.resolve({ width, height, pixels: new Uint8Array(4 * width * height).fill(shade) }),
  };
  return { path, manipulated, kind, split, video, stretches: stretchesOf(video) };
}

export interface NotedInput extends FrameInput {
  readonly clips: readonly ClipFrames[];
}

export const notingStore = {
  input: (clips: readonly ClipFrames[]): NotedInput => ({ clips, writeFrames: () => Promise.resolve() }),
} as Partial<VideoStore> as VideoStore;
