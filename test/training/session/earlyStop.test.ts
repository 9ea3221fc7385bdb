// Early stopping follows the recorded traces of the trainer it must agree with.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { afterValidation, isBetter, noEarlyStopYet, shouldStop } from '../../../src/training/session/earlyStop';

interface Trace {
  values: number[];
  patience: number;
  min_delta: number;
  mode: 'max' | 'min';
  val_every: number;
  epochs: number;
  stop_epoch: number | null;
  bad_at_end: number;
  best_checkpoint_value: number;
  earlystop_best_value: number;
  trace: [epoch: number, value: number, improved: boolean, bad: number][];
}

const folder =
  process.env.GOLDENS ?? ['../shared/fixtures', 'test/goldens'].find((path) => existsSync(join(path, 'mntsm')));
const file = folder && join(folder, 'mntsm/tables.json');
const traces =
  file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { early_stop: Trace[] }).early_stop : [];

describe.skipIf(traces.length === 0)('recorded traces', () => {
  it.each(traces.map((trace, i) => [i, trace] as const))('trace %i', (_, trace) => {
    const rule = {
      patience: trace.patience,
      minDelta: trace.min_delta,
      better: trace.mode === 'max' ? 'higher' : 'lower',
    } as const;
    let state = noEarlyStopYet;
    let best: number | null = null;
    let stopped: number | null = null;
    for (const [epoch, value, , bad] of trace.trace) {
      state = afterValidation(state, value, rule);
      if (isBetter(value, best, rule.better)) best = value;
      expect(state.bad).toBe(bad);
      if (shouldStop(state, rule)) stopped = epoch;
    }
    expect(stopped).toBe(trace.stop_epoch);
    expect(state.bad).toBe(trace.bad_at_end);
    expect(state.reference).toBeCloseTo(trace.earlystop_best_value, 12);
    expect(best).toBeCloseTo(trace.best_checkpoint_value, 12);
  });
});

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
