// What crosses between page and train worker when a person tries weights on files: plain data both ways.
import type { DataFile } from '../../formats/dataFile';
import type { WeightFormat } from '../../formats/weightFile';
import type { Settings } from '../../models/settings';
import type { ErrorReport, TrainApi, WeightKind } from '../protocol';
import type { Facts } from '../batch';
import type { ModelCard } from '../weights/modelCard';
import type { ItemHead, JudgedResult } from './judgedResult';

/** Where the weights are: a kept run's, or files of the person's own. */
export type WeightChoice =
  | { readonly kind: 'run'; readonly runId: string; readonly which: 'best' | 'last'; readonly weights: WeightKind }
  | { readonly kind: 'files'; readonly files: readonly DataFile[] };

/** A preset that weights without a card fit. */
export interface WeightGuess {
  readonly task: string;
  readonly preset: string;
  readonly settings: Settings;
  /** Class names that are still to be given: so many, or at least so many. */
  readonly classes: number;
  readonly moreClasses: boolean;
  /** The texts are read by CLIP's vocabulary, which the person must give. */
  readonly vocabulary: boolean;
  /** Tensors of the model that the file has, of so many. */
  readonly matched: number;
  readonly expected: number;
}

/** What weights say of themselves, from their headers alone. */
export interface WeightsSaid {
  readonly path: string;
  readonly format: WeightFormat;
  readonly bytes: number;
  readonly tensors: number;
  /** Null for weights that do not say what they are; its settings are whole. */
  readonly card: ModelCard | null;
  /** Where there is no card, the best first; the person chooses. */
  readonly guesses: readonly WeightGuess[];
}

export interface JudgeConfig {
  readonly weights: WeightChoice;
  /** What to call the weights in results. */
  readonly weightsName: string;
  readonly task: string;
  /** Every setting of the task. */
  readonly settings: Settings;
  readonly facts: Facts;
  /** Where the weights do not say what they are: class names, and files that their texts are read with. */
  readonly classes?: { readonly names: readonly string[]; readonly files: readonly DataFile[] };
  readonly files: readonly DataFile[];
}

export type JudgeEvent =
  | { readonly type: 'compile'; readonly what: string; readonly done: number; readonly total: number }
  /** The model stands; bytes of GPU buffers, all of them and of the weights alone. */
  | { readonly type: 'ready'; readonly plannedBytes: number; readonly weightBytes: number; readonly batch: number }
  /** What the files are, in the order in which they are judged. */
  | { readonly type: 'items'; readonly names: readonly string[] }
  | { readonly type: 'opened'; readonly item: number; readonly head: ItemHead }
  /** Work before the first window, such as finding faces; 0..1. */
  | { readonly type: 'finding'; readonly item: number; readonly share: number }
  /** What is known so far, a few times a second; `whole` or the end of the call says that it is all. */
  | {
      readonly type: 'result';
      readonly item: number;
      readonly result: JudgedResult;
      /** NaN while nothing can be said. */
      readonly secondsLeft: number;
    }
  /** This item cannot be judged; the others go on. */
  | { readonly type: 'refused'; readonly item: number; readonly error: ErrorReport };

export interface JudgeApi {
  /**
   * Reads headers. Throws UserError for files that hold no weights, and `weights-other-model` where a card's own model
   * does not fit its tensors.
   */
  inspectWeights(weights: WeightChoice): Promise<WeightsSaid>;
  /**
   * Judges the files one after the other and returns when the last one is done or was cancelled. Weights that do not
   * fit are refused before anything is decoded. Throws UserError.
   */
  judge(config: JudgeConfig, onEvent: (event: JudgeEvent) => void): Promise<void>;
  /** Ends the judging; what is done stays. */
  stopJudging(): Promise<void>;
}

/** Everything that the train worker does for the page. */
export type WorkerApi = TrainApi & JudgeApi;
