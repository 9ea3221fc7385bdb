// What of a phase is done, in words: the bar and the list of phases say the same.
import type { Strings } from './en';

export interface Counted {
  readonly done: number;
  readonly total: number;
  /** A key of the task's names, or of what compiles. */
  readonly what: string;
}

/** `names` are the task's. */
export function countedText(
  { train }: Strings,
  names: Readonly<Record<string, string>>,
  { what, done, total }: Counted,
): string {
  if (what === 'kernels' || what === 'predictionKernels') return train.kernels(done, total);
  if (what === 'tuning') return train.tuning(done, total);
  return train.counted(names[what] ?? what, done, total);
}
