// What judging files found of objects: plain JSON that is kept; nothing in it depends on a parameter that acts live.
import type { FoundBox } from '../../metrics/judgedBoxes';

/** A picture, or a frame of a video. */
export interface FoundFrame {
  /** Its number in the file, and when it is shown. */
  readonly frame: number;
  readonly seconds: number;
  /** In pixels of the picture, best first, before suppression; empty where whole pictures are classified. */
  readonly candidates: readonly FoundBox[];
  /** Probability of each class for the picture as a whole. */
  readonly similarity: readonly number[];
}

export interface BoxFindings {
  readonly stage: 'detector' | 'classifier';
  /** Those that were looked for. */
  readonly classes: readonly string[];
  readonly classFeatures: 'learned' | 'texts' | 'given';
  /** In the order of time. */
  readonly frames: readonly FoundFrame[];
}
