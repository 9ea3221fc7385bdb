// From a task's model and optimiser to a compiled trainer: the one place that reads the settings which every trainer has.
import { invariant } from '../../errors';
import type { OptimizerRule } from '../../engine/kernels/optimizer';
import type { Tuner } from '../../engine/device/tuning';
import type { Progress } from '../../formats/progress';
import type { Settings } from '../../models/settings';
import { CounterRandom, streams } from '../../samples/random';
import type { Facts, TaskRuntime, Trainer } from '../runtime';
import { EngineTrainer, type TrainerOptions } from './engineTrainer';
import { groupFinder, parameterGroups, withFrozenGroups } from './parameterGroups';

/** What a trainer is made of. */
export interface TrainerOrder {
  readonly device: GPUDevice;
  readonly runtime: Pick<TaskRuntime, 'model' | 'parameterGroups'>;
  readonly settings: Settings;
  /** What the prepared data says of itself. */
  readonly facts: Facts;
  /** Counts trials of tuning, then kernels. */
  readonly progress?: Progress;
  readonly tuning?: Tuner;
  /** Opens a further device of the adapter. */
  readonly openHelper?: () => Promise<GPUDevice>;
  /** Kept once nothing else needs the device, which is left alone until then where a CPU plays it. */
  readonly alone?: Promise<unknown>;
  /** Handed out before the whole step is compiled; see `Trainer.complete`. */
  readonly early?: boolean;
}

export type CreateTrainer = (order: TrainerOrder) => Promise<Trainer>;

/** Builds and compiles the model with its optimiser. Throws UserError where it does not fit the device. */
export async function createTrainer(order: TrainerOrder): Promise<EngineTrainer> {
  const { device, progress, tuning, openHelper, alone, early } = order;
  const seed = numberOf(order.settings, 'seed', 42);
  const random = new CounterRandom(seed, streams.weights, 0);
  const { model, groups, ...options } = trainingParts(order);
  const trainer = await EngineTrainer.create(device, model, {
    ...options,
    seed,
    random: () => random.next(),
    ...(progress && { progress }),
    ...(tuning && { tuning }),
    ...(openHelper && { openHelper }),
    ...(alone && { alone }),
    ...(early && { early }),
  });
  const used = new Set([...trainer.shapes.keys()].map(groupFinder(groups)));
  for (const [i, { name }] of groups.entries()) invariant(used.has(i), `no parameter is in the group ${name}`);
  return trainer;
}

/** What settings and facts say of a trainer, before there is a device. */
export function trainingParts({ runtime, settings, facts }: Pick<TrainerOrder, 'runtime' | 'settings' | 'facts'>) {
  const emaDecay = numberOf(settings, 'emaDecay', 0);
  const groups = parameterGroups(runtime, settings, facts);
  return {
    groups,
    model: withFrozenGroups(runtime.model(settings, facts), groups),
    batchSize: numberOf(settings, 'batch', 1),
    accumulation: numberOf(settings, 'accumulation', 1),
    mixedPrecision: settings['mixedPrecision'] === true,
    recompute: recomputeOf(settings),
    optimizer: {
      ...ruleOf(settings),
      weightDecay: 0,
      groups,
      groupOf: groupFinder(groups),
      clipNorm: numberOf(settings, 'clipNorm', 0),
      ...(emaDecay > 0 && { ema: emaDecay }),
    },
  };
}

function numberOf(settings: Settings, key: string, otherwise: number): number {
  return Number(settings[key] ?? otherwise);
}

function ruleOf(settings: Settings): OptimizerRule {
  return {
    name: settings['optimizer'] === 'Adam' ? 'Adam' : 'AdamW',
    betas: [numberOf(settings, 'beta1', 0.9), numberOf(settings, 'beta2', 0.999)],
    epsilon: 1e-8,
  };
}

/** All marked blocks, or as few as keep the run within a number of MiB. */
function recomputeOf(settings: Settings): NonNullable<TrainerOptions['recompute']> {
  const budget = numberOf(settings, 'memoryBudget', 0);
  if (budget > 0) return { bytes: budget * 2 ** 20 };
  return settings['recompute'] === true ? 'all' : 'none';
}
