// What Try shows of each file, of what judges, and of a person's own 2-D model.
import type { PoseModelPlan } from '../../figure/poseModel';
import type { DataFile } from '../../formats/dataFile';
import type { OnnxSlots } from '../../formats/onnxSlots';
import type { ItemHead, JudgedResult } from '../../training/judging/judgedResult';
import type { JudgeConfig, WeightChoice, WeightGuess, WeightsSaid } from '../../training/judging/judgeProtocol';
import type { ErrorReport } from '../../training/protocol';

export interface TriedItem {
  readonly name: string;
  readonly state: 'waiting' | 'finding' | 'judging' | 'done' | 'cancelled' | 'refused';
  readonly head: ItemHead | null;
  readonly result: JudgedResult | null;
  readonly error: ErrorReport | null;
  /** Of what comes before the first window, 0..1. */
  readonly found: number;
  readonly secondsLeft: number;
  /** What the player shows, a video or a picture; null for a result that was opened without its video. */
  readonly video: Blob | null;
}

/** What judges: weights that said what they are, or for which the person chose among guesses. */
export interface Judge {
  readonly weights: WeightChoice;
  readonly name: string;
  readonly said: WeightsSaid;
  readonly guess: WeightGuess | null;
  /** Names of classes that the person gave to a guess, with the vocabulary that texts are read by. */
  readonly classes: JudgeConfig['classes'] | null;
}

/** A person's own 2-D model; without a plan it is not clear what it takes and gives. */
export interface OwnModel {
  readonly model: DataFile;
  readonly slots: OnnxSlots;
  readonly plan: PoseModelPlan | null;
}
