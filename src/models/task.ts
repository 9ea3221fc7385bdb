// What a task tells the page and the worker about itself: no GPU and no DOM in here.
import type { GenericSchema } from 'valibot';
import type { ErrorDetail } from '../errors';
import type { Settings, SettingValue } from './settings';

/** Everything that the form, the command line, the URL and the report need to know about one setting. */
export interface Setting {
  readonly key: string;
  readonly schema: GenericSchema<unknown, SettingValue>;
  readonly default: SettingValue;
  /** `texts` is a list of them, such as names of classes or prompts. */
  readonly kind: 'integer' | 'number' | 'choice' | 'switch' | 'text' | 'texts';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly step?: number;
  readonly choices?: readonly string[];
  /** Shown beside the field, for example `frames`. */
  readonly unit?: string;
  /** Belongs to the at most eight fields that are always shown. */
  readonly primary: boolean;
  /** Stands with the primary ones while it is not as the task's list has it: what ends a run is never hidden. */
  readonly shownWhenSet?: boolean;
  /** May change while the run is paused or running. */
  readonly midRun: boolean;
  /** Heading under which "All settings" lists it. */
  readonly group: 'training' | 'data' | 'model' | 'loss' | 'evaluation';
  /**
   * Whether the prepared data depends on it, and is read anew when it changes; so it is for the group `data` where
   * nothing else is said.
   */
  readonly data?: boolean;
}

export interface Preset {
  readonly name: string;
  readonly settings: Settings;
}

/** Something about the settings as a whole, with its sentence in English; others stand among the task's errors, by code. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly detail: ErrorDetail;
}

/**
 * A model's folder exports one of these as `task` from `task.ts`; `import.meta.glob` finds it.
 * The sentence for a setting, a preset or a metric is looked up in the folder's `strings.ts`.
 */
export interface Task {
  /** The folder's name; also the name on the command line, in the goldens and in run records. */
  readonly name: string;
  readonly settings: readonly Setting[];
  readonly presets: readonly Preset[];
  readonly defaultPreset: string;
  /** Taken instead where a CPU plays the GPU, which would not get through the default one. */
  readonly softwarePreset?: string;
  /** The setting that says how many frames a clip has; `batch` and `accumulation` are called so in every task. */
  readonly framesSetting?: string;
  /** Place among the tasks: the page opens with the lowest; those without one come after, by name. */
  readonly rank?: number;
  /** What a person should know of settings that do not go well together, or that mean more than they seem to. */
  readonly remarks?: (settings: Settings) => readonly Remark[];
  /** Extensions that the data reader accepts, with the dot. */
  readonly accepts: readonly string[];
  readonly metric: { readonly name: string; readonly unit: string; readonly better: 'lower' | 'higher' };
  /** Names of further metrics in the order in which tables show them, with their units. */
  readonly metrics: readonly { readonly name: string; readonly unit: string; readonly better: 'lower' | 'higher' }[];
}

/** In the order in which the page and the command line list them. */
export function inOrder(tasks: readonly Task[]): readonly Task[] {
  const rank = (task: Task): number => task.rank ?? Infinity;
  return tasks.toSorted((a, b) => (rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) - rank(b)));
}
