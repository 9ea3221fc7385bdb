// Schedules against the tables that PyTorch and OpenTAD gave, value by value.
import {
  cosine,
  exponential,
  linearWarmUpCosine,
  linearWarmUpMultiStep,
  multiStep,
  oneCycle,
  stepDecay,
  warmRestarts,
  warmUpCosine,
  type Schedule,
} from '../../../src/optim/schedules';
import { compare, type GoldenResult } from '../../helpers/golden';
import type { Table } from '../group';

type Attributes = Readonly<Record<string, number>> & { readonly type: string; readonly milestones: number[] };

interface Recorded {
  readonly name: string;
  readonly attrs: Attributes;
  readonly base_lrs: readonly number[];
  readonly lr_used_at_step: readonly (number | readonly number[])[];
}

/** Our schedule for one table's settings. */
function scheduleFor(base: number, attributes: Attributes): Schedule {
  const get = (key: string): number => attributes[key] ?? 0;
  switch (attributes.type) {
    case 'StepLR':
      return stepDecay(base, get('step_size'), get('gamma'));
    case 'ExponentialLR':
      return exponential(base, get('gamma'));
    case 'MultiStepLR':
      return multiStep(base, attributes.milestones, get('gamma'));
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
      return linearWarmUpMultiStep(base, get('warmup_steps'), attributes.milestones, get('gamma'));
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
      throw new Error(`no schedule for ${attributes.type}`);
  }
}

/** Every table, all its groups. */
export function* schedulerCases({ value }: Table): Iterable<GoldenResult> {
  const { tables, notes } = value as { readonly tables: readonly Recorded[]; readonly notes: string };
  const rtol = Number(/relative tolerance ([\d.e-]+?)\.?$/.exec(notes)?.[1]);
  for (const { name, attrs, base_lrs: bases, lr_used_at_step: rates } of tables) {
    const schedules = bases.map((base) => scheduleFor(base, attrs));
    const got = rates.flatMap((_, step) => schedules.map((schedule) => schedule(step)));
    yield compare(name, got, rates.flat(), { rtol, atol: 1e-12 * rtol });
  }
}
