// What a pass over videos left to look at: scores over time, labels where there are any, pictures; plain data from the worker.
import type { BinaryScores } from '../../metrics/binaryScores';

/** A clip of a video: where it lies, what it scored, and what led to that. */
export interface JudgedVideoClip {
  /** Presentation times of its frames in seconds, [T]. */
  readonly times: Float32Array;
  /** Of being what the task looks for, 0..1. */
  readonly score: number;
  /** How much each frame counted, [T], adding up to 1; null where the model weighs no frames. */
  readonly attention: Float32Array | null;
  /** Score of each frame by itself, [T]. */
  readonly frameScores: Float32Array;
}

/** A frame worth looking at, and why. */
export interface JudgedVideoStill {
  readonly seconds: number;
  readonly score: number;
  readonly attention: number | null;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and 255, row by row. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** A stretch of a video in seconds. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

export interface JudgedVideo {
  readonly name: string;
  /** What the labels say of it; null where nobody labelled it. */
  readonly truth: boolean | null;
  /** Stretches that the labels name, where they say when. */
  readonly truthSpans?: readonly TimeSpan[];
  /** How it was made or where it comes from; empty where unknown. */
  readonly kind: string;
  readonly seconds: number;
  readonly score: number;
  /** Half the width of the band around the score; 0 for none. */
  readonly uncertainty: number;
  /** In the order of time. */
  readonly clips: readonly JudgedVideoClip[];
  /** The most telling first; empty where none are kept. */
  readonly stills: readonly JudgedVideoStill[];
}

/** Null AUC where one of the classes is absent. */
export type Roc = Pick<BinaryScores, 'curve' | 'auc'>;

export const levels = ['video', 'clip'] as const;
export type Level = (typeof levels)[number];

export interface JudgedPass {
  /** Scores from here on count as positive. */
  readonly threshold: number;
  /** In the order in which they are shown at first. */
  readonly videos: readonly JudgedVideo[];
  /** Null where nothing is labelled. */
  readonly rocs: Readonly<Record<Level, Roc>> | null;
}
