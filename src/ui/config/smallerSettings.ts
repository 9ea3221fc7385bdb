// Settings that need less memory than some others, for a device that they did not fit.
import type { Settings } from '../../models/settings';
import type { Task } from '../../models/task';
import { readSetting } from './settingValues';

/** Errors after which a smaller step may do. */
const misfits: ReadonlySet<string> = new Set([
  'tensor-too-large',
  'memory-budget',
  'out-of-memory',
  'device-lost-often',
]);

export interface SmallerSettings {
  /** What is made smaller: the batch, with accumulation that keeps the effective batch, or the frames of a clip. */
  readonly what: 'batch' | 'frames';
  readonly changes: Readonly<Record<string, number>>;
}

interface Misfit {
  readonly code: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** True where less memory is what an error asks for. */
export function isMisfit({ code }: Misfit): boolean {
  return misfits.has(code);
}

/** How many times too much was asked for; 2 where the error does not say. */
function excess({ detail }: Misfit): number {
  const asked = Number(detail['bytes'] ?? detail['needed']);
  const given = Number(detail['limit'] ?? detail['budget']);
  return asked > given && given > 0 ? asked / given : 2;
}

/**
 * Smaller batches first, the largest that may fit before batch 1, then half the frames as far as their steps go; empty
 * where nothing is left.
 */
export function smallerSettings(task: Task, settings: Settings, error: Misfit): readonly SmallerSettings[] {
  const possible = (changes: Readonly<Record<string, number>>): boolean =>
    Object.entries(changes).every(([key, value]) => {
      const setting = task.settings.find((candidate) => candidate.key === key);
      return setting !== undefined && readSetting(setting, String(value)).ok;
    });
  const offers: SmallerSettings[] = batches(settings, excess(error)).map((changes) => ({ what: 'batch', changes }));
  const frames = Number(settings[task.framesSetting ?? '']);
  const { step = 1 } = task.settings.find(({ key }) => key === task.framesSetting) ?? {};
  if (task.framesSetting !== undefined && frames > 1)
    offers.push({ what: 'frames', changes: { [task.framesSetting]: step * Math.floor(frames / 2 / step) } });
  return offers.filter(({ changes }) => possible(changes));
}

const mostPlans = 6;

/**
 * The largest of the smaller settings that `plan` takes; null where none of those tried fits. `plan` throws the misfit,
 * whose first word is not the last: behind one tensor that is too large there may be a larger one.
 */
export async function fittingSettings(
  task: Task,
  settings: Settings,
  error: Misfit,
  plan: (settings: Settings) => Promise<unknown>,
): Promise<SmallerSettings | null> {
  let [tried, misfit] = [settings, error];
  for (let plans = 0; plans < mostPlans; plans++) {
    const [offer] = smallerSettings(task, tried, misfit);
    if (offer === undefined) return null;
    tried = { ...tried, ...offer.changes };
    try {
      await plan(tried);
      return offer;
    } catch (thrown) {
      const next = thrown as Partial<Misfit>;
      if (next.code === undefined || !misfits.has(next.code)) throw thrown;
      misfit = { code: next.code, detail: next.detail ?? {} };
    }
  }
  return null;
}

function batches(settings: Settings, times: number): { batch: number; accumulation: number }[] {
  const [batch, accumulation] = [Number(settings['batch']), Number(settings['accumulation'] ?? 1)];
  if (!(batch > 1) || !('accumulation' in settings)) return [];
  const effective = batch * accumulation;
  const most = Math.max(1, Math.min(Math.floor(batch / times), Math.floor(batch / 2)));
  const fitting = Array.from({ length: most }, (_, i) => most - i).find((part) => effective % part === 0)!;
  return [...new Set([fitting, 1])].map((part) => ({ batch: part, accumulation: effective / part }));
}
