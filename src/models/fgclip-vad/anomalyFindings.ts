// What judging a video finds: scores, classes and places along its samples. Plain JSON.
import type { ScoreKind } from './dataSettings';

export interface AnomalyFindings {
  /** `Normal` first. */
  readonly classes: readonly string[];
  readonly shown: ScoreKind;
  /** When each sample is shown, in seconds of the file's time. */
  readonly times: readonly number[];
  /** How abnormal each sample is, by each score that the model has. */
  readonly scores: Readonly<Partial<Record<ScoreKind, readonly number[]>>>;
  /** [samples, classes] and [samples, patches], one after the other; places to three digits. */
  readonly probabilities: readonly number[];
  readonly places: readonly number[];
  /** Texts that somebody typed, and the cosine of each sample with each of them, [samples, texts]; to three digits. */
  readonly typed?: readonly string[];
  readonly similarities?: readonly number[];
}
