// Schedules against the tables that PyTorch and OpenTAD gave, value by value.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  constant,
  cosine,
  epochWarmUpCosine,
  exponential,
  linearWarmUpCosine,
  linearWarmUpMultiStep,
  multiStep,
  oneCycle,
  stepDecay,
  warmRestarts,
  warmUpCosine,
  type Schedule,
} from '../../src/optim/schedules';

type Attributes = Record<string, number> & { type: string; milestones: number[] };
interface Table {
  name: string;
  attrs: Attributes;
  base_lrs: number[];
  lr_used_at_step: (number | number[])[];
}

const folder =
  process.env.GOLDENS ?? ['../shared/fixtures', 'test/goldens'].find((path) => existsSync(join(path, 'ops')));

/** Our schedule for one table's settings. */
function scheduleFor(base: number, a: Attributes): Schedule {
  const get = (key: string): number => a[key] ?? 0;
  switch (a.type) {
    case 'StepLR':
      return stepDecay(base, get('step_size'), get('gamma'));
    case 'ExponentialLR':
      return exponential(base, get('gamma'));
    case 'MultiStepLR':
      return multiStep(base, a.milestones, get('gamma'));
    case 'CosineAnnealingLR':
      return cosine(base, get('T_max'), get('eta_min'));
    case 'LinearWarmupCosineAnnealingLR':
      return linearWarmUpCosine(base, {
        warmUp: get('warmup_steps'),
        total: get('max_steps'),
        start: get('warmup_start_lr'),
        minimum: get('eta_min'),
      });
    case 'LinearWarmupMultiStepLR':
      return linearWarmUpMultiStep(base, get('warmup_steps'), a.milestones, get('gamma'));
    case 'warmup_cosine':
      return warmUpCosine(base, {
        warmUp: get('warmup_steps'),
        total: get('total_steps'),
        startRatio: get('warmup_start_ratio'),
        minimumRatio: get('min_ratio'),
      });
    case 'CosineAnnealingWarmRestarts':
      return warmRestarts(base, get('T_0'), get('T_mult'), get('eta_min'));
    case 'OneCycleLR':
      return oneCycle(get('max_lr'), {
        total: get('total_steps'),
        climb: get('pct_start'),
        divide: get('div_factor'),
        finalDivide: get('final_div_factor'),
      });
    default:
      throw new Error(`no schedule for ${a.type}`);
  }
}

function worstRelative(rates: (number | number[])[], schedules: Schedule[]): number {
  let worst = 0;
  for (const [t, wanted] of rates.entries()) {
    for (const [group, schedule] of schedules.entries()) {
      const rate = typeof wanted === 'number' ? wanted : (wanted[group] ?? NaN);
      worst = Math.max(worst, Math.abs(schedule(t) - rate) / Math.max(Math.abs(rate), 1e-12));
    }
  }
  return worst;
}

const tables =
  folder && existsSync(join(folder, 'ops/scheduler.json'))
    ? (JSON.parse(readFileSync(join(folder, 'ops/scheduler.json'), 'utf8')) as { tables: Table[] }).tables
    : [];

describe.skipIf(tables.length === 0)('schedules against recorded tables', () => {
  it.each(tables.map((table) => [table.name, table] as const))('%s', (_, table) => {
    const schedules = table.base_lrs.map((base) => scheduleFor(base, table.attrs));
    expect(worstRelative(table.lr_used_at_step, schedules)).toBeLessThan(1e-6);
  });
});

interface EpochTable {
  base: number;
  min_lr: number;
  warmup: number;
  epochs: number;
  lr: number[];
}

const epochTables =
  folder && existsSync(join(folder, 'mntsm/tables.json'))
    ? (JSON.parse(readFileSync(join(folder, 'mntsm/tables.json'), 'utf8')) as { schedule: EpochTable[] }).schedule
    : [];

it.skipIf(epochTables.length === 0)('warms up per epoch as the recorded curves do', () => {
  for (const { base, min_lr, warmup, epochs, lr } of epochTables) {
    const schedule = epochWarmUpCosine(base, { warmUp: warmup, total: epochs, minimum: min_lr });
    expect(worstRelative(lr, [schedule])).toBeLessThan(1e-6);
  }
});

it('keeps a constant rate', () => {
  expect([0, 7, 1e6].map(constant(0.002))).toEqual([0.002, 0.002, 0.002]);
});
