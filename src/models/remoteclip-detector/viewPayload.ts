// What the view draws after a validation pass: pictures with true and found boxes, and how like the class texts each is.
import type { FoundBox, TrueBox } from '../../metrics/judgedBoxes';

export interface ShownPicture {
  readonly name: string;
  /** Of the picture itself; boxes are in its pixels. */
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and 255, smaller than the picture where that is large. */
  readonly still: { readonly width: number; readonly height: number; readonly pixels: Uint8Array<ArrayBuffer> } | null;
  readonly truth: readonly TrueBox[];
  /** Best first, before suppression within a class, so that its threshold can be moved. */
  readonly found: readonly FoundBox[];
  /** Probability of each class for the picture as a whole. */
  readonly similarity: readonly number[];
}

/** Recall and precision of a class at an overlap of 0.5, at most so many points. */
export interface ShownCurve {
  readonly recall: readonly number[];
  readonly precision: readonly number[];
}

export interface DetectorView {
  readonly kind: 'remoteclip-detector';
  readonly stage: 'detector' | 'classifier';
  readonly classes: readonly string[];
  /** Where class features came from. */
  readonly classFeatures: 'learned' | 'texts' | 'given';
  readonly nmsThreshold: number;
  /** Share of labelled pictures whose likeliest class as a whole is among their labels. */
  readonly sceneTop1: number;
  readonly pictures: readonly ShownPicture[];
  /** By class; empty for whole pictures. */
  readonly curves: readonly ShownCurve[];
  /** Rows are true classes and, last, nothing; columns found ones and, last, nothing. */
  readonly confusion: readonly (readonly number[])[];
}
