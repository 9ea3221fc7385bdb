// Settings that every task has: what the session and the trainer read, with defaults of the task's own.
import * as fields from './settingFields';
import type { Setting } from './task';

/** What a task may say otherwise of a shared number. */
interface Own {
  readonly value?: number;
  readonly primary?: boolean;
  readonly unit?: string;
  readonly maximum?: number;
}

/** By key: a default, or more; of choices the default comes first, and only what is named is offered. */
export interface SharedDefaults {
  readonly epochs?: number | Own;
  readonly batch?: number | Own;
  readonly accumulation?: number | Own;
  readonly learningRate?: number | Own;
  readonly schedule?: readonly [string, ...string[]];
  readonly optimizer?: readonly ['AdamW' | 'Adam', ...('AdamW' | 'Adam')[]];
  readonly weightDecay?: number | Own;
  readonly beta2?: number | Own;
  readonly clipNorm?: number | Own;
  readonly emaDecay?: number | Own;
  readonly seed?: number | Own;
  readonly earlyStopPatience?: number | Own;
  readonly earlyStopMinDelta?: number | Own;
  readonly timeLimitSeconds?: number | Own;
  readonly checkpointEvery?: number | Own;
  readonly recompute?: boolean;
  readonly memoryBudget?: number | Own;
  readonly mixedPrecision?: boolean;
  readonly validateEvery?: number | Own;
}

/** Keys of all of them; their words are in `ui/strings/sharedSettings.ts`. */
export type SharedKey = keyof SharedDefaults;

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly unit?: string;
  readonly primary?: boolean;
  readonly shownWhenSet?: boolean;
  readonly midRun?: boolean;
}

/**
 * All shared settings. Those of the task's own that stand with the schedule (`own`) are listed behind it, since a form
 * keeps the order of this list.
 */
export function sharedSettings(defaults: SharedDefaults, own: readonly Setting[] = []): readonly Setting[] {
  const field =
    (make: typeof fields.number) =>
    (key: SharedKey, value: number, bounds: Bounds, group: Setting['group'] = 'training'): Setting => {
      const wish = defaults[key] as number | Own | undefined;
      const { value: wished = value, ...others } = typeof wish === 'number' ? { value: wish } : (wish ?? {});
      return make(group, key, wished, { ...bounds, ...others });
    };
  const [integer, number] = [field(fields.integer), field(fields.number)];
  const toggle = (key: 'recompute' | 'mixedPrecision', value: boolean): Setting =>
    fields.toggle('training', key, defaults[key] ?? value);
  return [
    integer('epochs', 10, { minimum: 1, maximum: 1000, primary: true }),
    integer('batch', 8, { minimum: 1, maximum: 1024, unit: 'clips', primary: true }),
    integer('accumulation', 1, { minimum: 1, maximum: 1024, unit: 'batches' }),
    number('learningRate', 1e-4, { minimum: 1e-7, maximum: 0.1, primary: true, midRun: true }),
    fields.choice('training', 'schedule', defaults.schedule ?? ['constant']),
    ...own,
    fields.choice('training', 'optimizer', defaults.optimizer ?? ['AdamW', 'Adam']),
    number('weightDecay', 0.01, { minimum: 0, maximum: 1 }),
    number('beta2', 0.999, { minimum: 0.5, maximum: 0.99999 }),
    number('clipNorm', 0, { minimum: 0, maximum: 1000 }),
    number('emaDecay', 0, { minimum: 0, maximum: 0.99999 }),
    integer('seed', 42, { minimum: 0, maximum: 2 ** 31 - 1 }),
    integer('earlyStopPatience', 0, { minimum: 0, maximum: 1000, primary: true }),
    number('earlyStopMinDelta', 0, { minimum: 0, maximum: 1000 }),
    number('timeLimitSeconds', 0, { minimum: 0, maximum: 1e6, unit: 's', shownWhenSet: true }),
    integer('checkpointEvery', 0, { minimum: 0, maximum: 1e6, unit: 'steps' }),
    toggle('recompute', true),
    integer('memoryBudget', 0, { minimum: 0, maximum: 65536, unit: 'MiB' }),
    toggle('mixedPrecision', true),
    integer('validateEvery', 1, { minimum: 1, maximum: 1000, unit: 'epochs' }, 'evaluation'),
  ];
}
