// What becomes of decoded frames, and where they go.
import type { ColourJitter } from './colourJitter';
import type { FrameFormat } from './frameKernels';
import type { CodedFrame, Placement } from './placement';
import type { RandAugment } from './randAugment';
import type { YuvColour } from './yuv';

/** What becomes of each frame; the frames of one call share it. */
export interface FrameRecipe {
  readonly placement: Placement;
  readonly coded: CodedFrame;
  /** How planes become colours; frames that are imported as textures bring their own. */
  readonly colour: YuvColour;
  /** Of red, green and blue, in units of 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Before colour jitter; none where nothing is said. */
  readonly augment?: RandAugment;
  readonly jitter: ColourJitter;
}

/** Where frames go. Strides count elements, so that any order of axes can be written; rgba8 has no channel axis. */
export interface FrameTensor {
  readonly buffer: GPUBuffer;
  readonly format: FrameFormat;
  readonly firstElement: number;
  readonly frameStride: number;
  readonly channelStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
}
