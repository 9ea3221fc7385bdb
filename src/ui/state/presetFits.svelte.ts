// Which presets of a task this device cannot train, however small the batch; looked into when somebody opens their list.
import type { Task } from '../../models/task';
import type { ErrorReport } from '../../training/protocol';
import { fittingSettings, isMisfit } from '../config/smallerSettings';
import { presetSettings } from '../config/settingValues';
import { bytes } from '../format/quantities';
import { forecastTexts } from '../strings/forecastTexts';
import type { LocaleTag } from '../strings/taskStrings';
import { reportOf } from './errorReports';
import type { Workbench } from './workbench.svelte';

export class PresetFits {
  #misfits = $state.raw<Readonly<Record<string, ErrorReport>>>({});
  #task = $state.raw<Task | null>(null);

  /** Why a preset cannot be trained, in the reader's language; undefined where it can, or nobody has looked. */
  reason(task: Task, preset: string, locale: LocaleTag): string | undefined {
    const misfit = this.#task === task ? this.#misfits[preset] : undefined;
    if (misfit === undefined) return undefined;
    const [words, size] = [forecastTexts[locale], (value: unknown) => bytes(locale, Number(value))];
    const { bytes: needs, limit } = misfit.detail;
    return limit === undefined ? words.presetTooLarge : words.presetNeeds(size(needs), size(limit));
  }

  /** Plans one preset after the other; ends where other plans are wanted meanwhile, and goes on at the next call. */
  async look(bench: Pick<Workbench, 'forecast' | 'gpu'>, task: Task): Promise<void> {
    if (bench.gpu.state !== 'ready') return;
    if (this.#task !== task) this.#misfits = {};
    this.#task = task;
    for (const { name } of task.presets) {
      if (name in this.#misfits) continue;
      const settings = presetSettings(task, name);
      const error = await bench.forecast(task, settings).then(() => null, reportOf);
      if (this.#task !== task || (error !== null && !isMisfit(error))) return;
      if (error === null) continue;
      const plan = (smaller: typeof settings) => bench.forecast(task, smaller);
      const fitting = await fittingSettings(task, settings, error, plan).catch(() => undefined);
      if (fitting === undefined) return;
      if (fitting === null) this.#misfits = { ...this.#misfits, [name]: error };
    }
  }
}
