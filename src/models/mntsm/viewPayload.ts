// What the view of the clip classifier draws after a validation pass: plain data that crosses from the worker.
import type { BinaryScores } from '../../metrics/binaryScores';

/** A clip of a video: where it lies, what it scored, and what led to that. */
export interface MntsmViewClip {
  /** Presentation times of its frames in seconds, [T]. */
  readonly times: Float32Array;
  /** Of being manipulated, 0..1. */
  readonly score: number;
  /** How much each frame counted, [T]; adds up to 1. */
  readonly attention: Float32Array;
  /** Score of each frame by itself, [T]. */
  readonly frameScores: Float32Array;
}

/** One of the frames that decided most: the largest attention times the distance of its score from the middle. */
export interface MntsmDecisiveFrame {
  readonly seconds: number;
  readonly attention: number;
  readonly score: number;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and 255, row by row. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

export interface MntsmViewVideo {
  readonly name: string;
  /** What the labels say. */
  readonly label: 'real' | 'fake';
  /** How it was made, or where a real one comes from. */
  readonly kind: string;
  readonly seconds: number;
  /** Mean of the clips' scores. */
  readonly score: number;
  /** Half the width of the band around the score: the standard error of the clips' mean, 0 for a single clip. */
  readonly uncertainty: number;
  /** In the order of time. */
  readonly clips: readonly MntsmViewClip[];
  /** At most four, the most decisive first; empty for videos beyond the first dozen. */
  readonly decisive: readonly MntsmDecisiveFrame[];
}

/** Null AUC where one of the classes is absent. */
export type MntsmRoc = Pick<BinaryScores, 'curve' | 'auc' | 'confusion'>;

export interface MntsmView {
  readonly kind: 'mntsm';
  /** Scores from here on count as manipulated. */
  readonly threshold: number;
  /** Those judged most wrongly first. */
  readonly videos: readonly MntsmViewVideo[];
  readonly clip: MntsmRoc;
  readonly video: MntsmRoc;
  /** What it was trained on: kinds of training videos with their numbers, the largest first. */
  readonly trainedOn: readonly { readonly kind: string; readonly videos: number }[];
}
