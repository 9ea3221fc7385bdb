// What the view of the action detector draws after a validation pass: plain data that crosses from the worker.
import type { Action, DetectedAction } from '../../metrics/tadMap';

/** One video: what the labels say, and what the model says before overlaps are suppressed. */
export interface ActionVideoRow {
  /** Path among the chosen files. */
  readonly path: string;
  /** As the labels call it: the file's name without its ending where they have no other. */
  readonly name: string;
  /** The file itself, to be played; it is shared, not copied. */
  readonly media: Blob;
  /** What the run uses it for; training videos are there where the run judges them too. */
  readonly part: 'training' | 'validation';
  readonly durationSeconds: number;
  /** Frames of the whole video. */
  readonly frames: number;
  /** In seconds, as the run learnt from them or was judged by them. */
  readonly truth: readonly Action[];
  /**
   * The best detections of all windows in seconds, best first, at most `MOST_CANDIDATES`: `shownActions` suppresses
   * overlaps among them, `judged.ts` compares the rest with the truth.
   */
  readonly candidates: readonly DetectedAction[];
}

/** Detections of a video that cross to the page: fewer than the metric counts, more than anybody looks through. */
export const MOST_CANDIDATES = 1000;

/** Average precision of one class; NaN never occurs, since classes without truth are left out. */
export interface ClassPrecision {
  readonly label: string;
  /** Per overlap of `AdatadView.overlaps`. */
  readonly precision: readonly number[];
}

export interface AdatadView {
  readonly kind: 'adatad';
  /** In the order of their numbers. */
  readonly classes: readonly string[];
  /** Overlaps (tIoU) at which the metric counts a hit: 0.3, 0.4 … 0.7. */
  readonly overlaps: readonly number[];
  /** Validation: mean over the classes per overlap. */
  readonly map: readonly number[];
  /** Validation: of classes that occur in its truth. */
  readonly perClass: readonly ClassPrecision[];
  /** The score with the best F1 of validation at an overlap of 0.5, from which on detections are shown at first. */
  readonly threshold: number;
  /** Of that score, all from 0 to 1; null where no detection finds an action. */
  readonly best: { readonly f1: number; readonly precision: number; readonly recall: number } | null;
  /** Width of the Gaussian by which overlaps lower scores at first. */
  readonly sigma: number;
  /** Validation videos first, each part by name. */
  readonly videos: readonly ActionVideoRow[];
}
