// Decides from validation results which epoch is best and when waiting for a better one has no point.

export type Better = 'lower' | 'higher';

/** What early stopping remembers; plain numbers for the checkpoint. */
export interface EarlyStopState {
  /** Last value that was better by at least the least change; null before the first. */
  readonly reference: number | null;
  /** Validations in a row without such an improvement. */
  readonly bad: number;
}

export interface EarlyStopRule {
  /** Validations (not epochs) without improvement that are waited for; 0 never stops. */
  readonly patience: number;
  readonly minDelta: number;
  readonly better: Better;
}

export const noEarlyStopYet: EarlyStopState = { reference: null, bad: 0 };

/** Whether `value` is better than `than` by more than `margin`. A value that is not a number is never better. */
export function isBetter(value: number, than: number | null, better: Better, margin = 0): boolean {
  if (!Number.isFinite(value)) return false;
  if (than === null) return true;
  return better === 'higher' ? value > than + margin : value < than - margin;
}

/**
 * The state after one more validation. A small gain below `minDelta` leaves the reference where it was, so
 * slow progress adds up and still counts. A value that is not a number (one class only, say) changes nothing.
 */
export function afterValidation(state: EarlyStopState, value: number, rule: EarlyStopRule): EarlyStopState {
  if (!Number.isFinite(value)) return state;
  if (isBetter(value, state.reference, rule.better, rule.minDelta)) return { reference: value, bad: 0 };
  return { reference: state.reference, bad: state.bad + 1 };
}

/** Whether the run should end now. */
export function shouldStop(state: EarlyStopState, rule: EarlyStopRule): boolean {
  return rule.patience > 0 && state.bad >= rule.patience;
}
