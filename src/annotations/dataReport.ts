// What reading data found, usable or not, as a list before anything runs.
import type { ErrorDetail } from '../errors';

/** One finding of the check that runs before training: what is usable and what is not, and why. */
export interface DataProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly detail: ErrorDetail;
}

/** What the data check found, shown as a list before anything runs. */
export interface DataReport {
  readonly found: number;
  readonly usable: number;
  readonly problems: readonly DataProblem[];
  /** Counts by name, in the order to show them, for example { 'train clips': 5120, 'val clips': 1204 }. */
  readonly counts: Readonly<Record<string, number>>;
  /** Class, action or subject name -> number of items, largest first. */
  readonly groups: Readonly<Record<string, number>>;
}
