// The settings that the training loop itself reads; all others belong to the task's runtime.
import { UserError } from '../../errors';
import type { Settings } from '../../models/settings';

export interface SessionSettings {
  readonly epochs: number;
  readonly seed: number;
  /** Batches whose gradients one step adds up; what is left at the end of an epoch is a step of its own. */
  readonly accumulation: number;
  /** Epochs between validations; the last epoch is always validated. */
  readonly validateEvery: number;
  /** Steps after which a checkpoint is written at the latest; 0 leaves it to the clock. */
  readonly checkpointEvery: number;
  /** Validations without improvement; 0 never stops. */
  readonly earlyStopPatience: number;
  readonly earlyStopMinDelta: number;
  /** Seconds of training; 0 sets no limit. */
  readonly timeLimitSeconds: number;
}

interface Rule {
  readonly whole: boolean;
  readonly least: number;
  /** Taken when the task has no such setting. */
  readonly otherwise: number;
}

const rules: Readonly<Record<keyof SessionSettings, Rule>> = {
  epochs: { whole: true, least: 1, otherwise: 1 },
  seed: { whole: true, least: 0, otherwise: 42 },
  accumulation: { whole: true, least: 1, otherwise: 1 },
  validateEvery: { whole: true, least: 1, otherwise: 1 },
  checkpointEvery: { whole: true, least: 0, otherwise: 0 },
  earlyStopPatience: { whole: true, least: 0, otherwise: 0 },
  earlyStopMinDelta: { whole: false, least: 0, otherwise: 0 },
  timeLimitSeconds: { whole: false, least: 0, otherwise: 0 },
};

/** Settings of the loop that a continued run may have otherwise than the run that it continues. */
export const changeableOnResume: readonly string[] = Object.keys(rules).filter(
  (key) => key !== 'seed' && key !== 'accumulation',
);

/** @throws UserError `setting-invalid` that names the setting and what it may be. */
export function readSessionSettings(settings: Settings): SessionSettings {
  const read = (key: keyof SessionSettings): number => {
    const { whole, least, otherwise } = rules[key];
    const value = settings[key] ?? otherwise;
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && (!whole || Number.isInteger(value)))
      return value;
    const kind = whole ? 'a whole number' : 'a number';
    throw new UserError(
      'setting-invalid',
      `settings.${key} must be ${kind} of at least ${least}, not ${String(value)}.`,
      {
        key,
        least,
        value: String(value),
      },
    );
  };
  return {
    epochs: read('epochs'),
    seed: read('seed'),
    accumulation: read('accumulation'),
    validateEvery: read('validateEvery'),
    checkpointEvery: read('checkpointEvery'),
    earlyStopPatience: read('earlyStopPatience'),
    earlyStopMinDelta: read('earlyStopMinDelta'),
    timeLimitSeconds: read('timeLimitSeconds'),
  };
}
