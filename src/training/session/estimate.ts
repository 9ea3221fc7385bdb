// How long a run will still take, by the time of its latest steps and of its last validation.

export interface Remaining {
  readonly steps: number;
  readonly stepMilliseconds: number;
  readonly validations: number;
  readonly validationSeconds: number;
  /** Seconds left of the time limit; Infinity without one. */
  readonly limitSeconds: number;
}

export function secondsLeft(remaining: Remaining): number {
  const { steps, stepMilliseconds, validations, validationSeconds, limitSeconds } = remaining;
  const training = (steps * stepMilliseconds) / 1000;
  if (training > limitSeconds) return Math.max(0, limitSeconds) + validationSeconds;
  return training + validations * validationSeconds;
}

/** Validations from epoch `from` to the last, both included. */
export function validationsLeft(from: number, epochs: number, every: number): number {
  if (from > epochs) return 0;
  const regular = Math.floor(epochs / every) - Math.floor((from - 1) / every);
  return epochs % every === 0 ? regular : regular + 1;
}
