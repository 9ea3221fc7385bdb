// How the frames of a batch reach the model's input: written into the GPU's memory, never held as arrays.
import type { FrameFormat } from '../engine/frames/frameKernels';
import type { FramePass } from '../engine/frames/framePass';

/**
 * Where the frames of a batch go: the whole input of the model, rows after channels after frames, in one buffer or one
 * after the other in several, each with whole frames.
 */
export interface FrameTarget {
  readonly device: GPUDevice;
  readonly pass: FramePass;
  readonly buffers: readonly GPUBuffer[];
  /** Of the first buffer, where the input begins; 0 where there are several. */
  readonly firstElement: number;
  /** Of the input in one buffer; the last may hold fewer. */
  readonly elements: number;
  readonly format: FrameFormat;
}

/** Frames of a batch's clips that go from a decoder, or from a cache, straight into the GPU's memory. */
export interface FrameInput {
  /** Fills the buffers; the promise is kept once the work is submitted. Throws UserError for a file that went bad. */
  writeFrames(target: FrameTarget): Promise<void>;
}
