// Where a run's data comes from: the task's demo, or files that a person chose.
import type { DataFile } from '../formats/dataFile';

/** Where the training data comes from. Files keep the path that they had inside the dropped folder. */
export type DataSource = { readonly kind: 'demo' } | ChosenData;

export interface ChosenData {
  readonly kind: 'files';
  readonly name: string;
  readonly files: readonly DataFile[];
  /** Texts in GBK and UTF-8 that was encoded twice are read as they were meant. */
  readonly repairText?: boolean;
}
