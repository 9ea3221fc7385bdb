// Which parameters share a rate, a decay and whether they train, and at which rate each group trains at a step.
import { invariant } from '../../errors';
import { GROUPS } from '../../engine/kernels/optimizer';
import type { Settings } from '../../models/settings';
import type { Facts, ParameterGroup, TaskRuntime } from '../runtime';
import type { ModelDefinition } from './planTraining';

/** A task's groups; one of all parameters where it names none. */
export function parameterGroups(
  runtime: Pick<TaskRuntime, 'parameterGroups'>,
  settings: Settings,
  facts: Facts,
): readonly ParameterGroup[] {
  const groups = runtime.parameterGroups?.(settings, facts) ?? [
    {
      name: 'all',
      learningRate: Number(settings['learningRate'] ?? 0),
      weightDecay: Number(settings['weightDecay'] ?? 0),
    },
  ];
  invariant(groups.length >= 1 && groups.length <= GROUPS, `${groups.length} groups of at most ${GROUPS}`);
  return groups;
}

/** The number of a parameter's group: the first that takes it. Throws Bug for one that none takes. */
export function groupFinder(groups: readonly ParameterGroup[]): (parameter: string) => number {
  return (parameter) => {
    const found = groups.findIndex(({ has }) => has?.(parameter) ?? true);
    invariant(found >= 0, `${parameter} is in no group of parameters`);
    return found;
  };
}

/** The model with gradients stopped in frozen groups. */
export function withFrozenGroups(model: ModelDefinition, groups: readonly ParameterGroup[]): ModelDefinition {
  if (!groups.some(({ frozen }) => frozen)) return model;
  const groupOf = groupFinder(groups);
  const isFrozen = (parameter: string): boolean => groups[groupOf(parameter)]!.frozen === true;
  return {
    ...model,
    loss: (p, inputs) => model.loss(p.frozen(isFrozen), inputs),
    ...(model.predict && { predict: (p, inputs) => model.predict!(p.frozen(isFrozen), inputs) }),
  };
}

/** Where a run is in its schedule. */
export interface SchedulePlace {
  /** From 1. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** On all rates: what is left of them after steps whose loss was not a number. */
  readonly rateFactor: number;
}

/** Rates of all groups at a step, in their order; 0 for frozen ones. */
export function ratesAt(
  runtime: Pick<TaskRuntime, 'learningRate'>,
  groups: readonly ParameterGroup[],
  settings: Settings,
  { step, stepsPerEpoch, rateFactor }: SchedulePlace,
): readonly number[] {
  return groups.map(({ frozen, learningRate }) =>
    frozen ? 0 : rateFactor * runtime.learningRate(step, stepsPerEpoch, settings, learningRate),
  );
}
