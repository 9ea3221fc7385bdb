// What the view of the anomaly detector draws after a validation pass: curves and maps along each judged video.
import type { Still } from '../../frames/videoStore';
import type { Stretch } from '../../metrics/frameScores';
import type { ScoreKind } from './dataSettings';

export interface ViewVideo {
  /** Path among the chosen files. */
  readonly path: string;
  readonly className: string;
  readonly abnormal: boolean;
  /** The file itself, for the page to show. */
  readonly media: Blob;
  /** Of the whole video; `start` is its first frame's media time. */
  readonly frames: number;
  readonly durationSeconds: number;
  readonly start: number;
  /** When each sample is shown, in seconds of media time, and when the last one is over. */
  readonly times: Float64Array;
  readonly end: number;
  /** How abnormal each sample is, by each score that the model has. */
  readonly scores: Readonly<Partial<Record<ScoreKind, Float32Array>>>;
  /** Probabilities of the classes, normal first, [samples, classes]. */
  readonly classes: Float32Array;
  /** How abnormal each place looks by itself, [samples, side · side]. */
  readonly places: Float32Array;
  /** When something happens, in seconds; null where the labels do not say. */
  readonly spans: readonly Stretch[] | null;
  /** Of this video alone; null where it has one label only. */
  readonly auc: number | null;
  /** Where the score is largest; only of the first videos. */
  readonly stills: readonly ViewStill[];
}

export interface ViewStill extends Still {
  readonly sample: number;
}

export interface FgclipView {
  readonly kind: 'fgclip-vad';
  /** `Normal` first. */
  readonly classes: readonly string[];
  readonly shown: ScoreKind;
  /** Real footage, which may be violent: its pictures are blurred until somebody asks for them. */
  readonly footage: boolean;
  /** Those where the score is furthest from the truth come first. */
  readonly videos: readonly ViewVideo[];
}
