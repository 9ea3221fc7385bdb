// What the view of the action detector draws after a pass: videos, what is labelled in them, and what every window found.
import type { Action, ActionThreshold } from '../../metrics/tadMap';
import type { Candidates } from './candidates';
import type { ResultRules } from './results';

export interface ActionVideo {
  /** The file's path in the data, without what its folder is called. */
  readonly name: string;
  readonly durationSeconds: number;
  /** Presentation times of all frames in seconds, as the file has them. */
  readonly times: Float64Array;
  /** What is labelled; null where nobody labelled it. */
  readonly truth: readonly Action[] | null;
  readonly candidates: Candidates;
  /** To be played; null where it cannot be. */
  readonly file: Blob | null;
}

export interface AdatadView {
  readonly kind: 'adatad';
  /** In the order of their numbers. */
  readonly classes: readonly string[];
  readonly videos: readonly ActionVideo[];
  /** What detections must overlap the truth by. */
  readonly thresholds: readonly number[];
  readonly rules: ResultRules;
  /** By F1 of this pass; null where nothing was found, or nothing is labelled. */
  readonly suggested: ActionThreshold | null;
}
