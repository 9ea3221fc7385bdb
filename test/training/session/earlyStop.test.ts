// What the recorded traces of early stops (test/goldens/mntsm/tableCases.ts) leave open.
import { describe, expect, it } from 'vitest';
import { afterValidation, isBetter, noEarlyStopYet, shouldStop } from '../../../src/training/session/earlyStop';

describe('early stopping', () => {
  const rule = { patience: 2, minDelta: 0.1, better: 'lower' } as const;

  it('counts validations that do not improve enough', () => {
    let state = afterValidation(noEarlyStopYet, 1, rule);
    state = afterValidation(state, 0.95, rule);
    expect(state).toEqual({ reference: 1, bad: 1 });
    expect(shouldStop(state, rule)).toBe(false);
    state = afterValidation(state, 0.92, rule);
    expect(shouldStop(state, rule)).toBe(true);
    expect(afterValidation(state, 0.5, rule)).toEqual({ reference: 0.5, bad: 0 });
  });

  it('ignores a metric that could not be computed', () => {
    expect(afterValidation({ reference: 1, bad: 1 }, NaN, rule)).toEqual({ reference: 1, bad: 1 });
    expect(isBetter(NaN, null, 'lower')).toBe(false);
  });

  it('never stops at patience 0', () => {
    expect(shouldStop({ reference: 1, bad: 99 }, { ...rule, patience: 0 })).toBe(false);
  });
});
