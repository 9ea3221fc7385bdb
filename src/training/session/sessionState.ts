// Everything that a run knows beside its tensors: with a checkpoint's tensors it continues the very same curve.
import { UserError } from '../../errors';
import { noEarlyStopYet, type EarlyStopState } from './earlyStop';
import type { RunConfig } from '../protocol';
import type { Settings } from '../../models/settings';
import type { Facts } from '../runtime';

/** Plain finite numbers and texts, so that JSON keeps it exactly. */
export interface SessionState {
  readonly format: 2;
  readonly task: string;
  readonly preset: string;
  /** As they are at this step, changes in mid-run included. */
  readonly settings: Settings;
  /** Shuffling and augmentation are drawn from (seed, stream, epoch or step): the seed is their whole state. */
  readonly random: { readonly generator: 'philox4x32-10'; readonly seed: number };
  readonly trainClips: number;
  readonly validationClips: number;
  readonly batch: number;
  /** What the model was built from besides the settings. */
  readonly facts: Facts;
  /** Steps done. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Steps of that epoch that are done; all of them means that its validation is still to come. */
  readonly position: number;
  /** Sum of the losses of those steps. */
  readonly lossSum: number;
  /** Training time so far, and what it was when the epoch began. */
  readonly seconds: number;
  readonly epochStartSeconds: number;
  /** On all learning rates; halved each time that a loss was not a finite number. */
  readonly rateFactor: number;
  readonly best: { readonly epoch: number; readonly step: number; readonly value: number } | null;
  readonly earlyStop: EarlyStopState;
}

/** What the state of a new run needs from its data and trainer. */
export interface RunFacts {
  readonly trainClips: number;
  readonly validationClips: number;
  readonly batch: number;
  readonly facts: Facts;
}

export function initialState(config: RunConfig, seed: number, facts: RunFacts): SessionState {
  return {
    format: 2,
    task: config.task,
    preset: config.preset,
    settings: config.settings,
    random: { generator: 'philox4x32-10', seed },
    ...facts,
    step: 0,
    epoch: 1,
    position: 0,
    lossSum: 0,
    seconds: 0,
    epochStartSeconds: 0,
    rateFactor: 1,
    best: null,
    earlyStop: noEarlyStopYet,
  };
}

/** Refuses to continue a run on data or with a model other than its own: it would be another curve. */
export function checkSameRun(state: SessionState, config: RunConfig, facts: RunFacts): void {
  if (state.task !== config.task)
    throw new UserError('other-task', `This run trained ${state.task}; it cannot go on as ${config.task}.`, {
      was: state.task,
      now: config.task,
    });
  for (const key of ['trainClips', 'validationClips', 'batch'] as const)
    if (state[key] !== facts[key])
      throw new UserError(
        'other-data',
        `This run was trained on other data: ${key} was ${state[key]} and is now ${facts[key]}. Choose the same files again.`,
        { what: key, was: state[key], now: facts[key] },
      );
  for (const key of new Set([...Object.keys(state.facts), ...Object.keys(facts.facts)]))
    if (JSON.stringify(state.facts[key]) !== JSON.stringify(facts.facts[key])) {
      const message = `This run was trained on other data: ${key} changed. Choose the same files again.`;
      throw new UserError('other-data', message, { what: key });
    }
}
