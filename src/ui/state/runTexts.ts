// A run as texts for people and other programs: report, figures, steps and settings; loaded when one is wanted.
import type { ReportOptions } from '../../runs/report';
import type { RunRecord } from '../../training/protocol';
import { presetSettings } from '../config/settingValues';
import { findTask, loadRecipe, taskText } from '../tasks';
import { preferences } from './preferences.svelte';

export type TextKind = 'report' | 'figures' | 'steps' | 'settings';

/** `ending` goes behind the run's name. */
export interface RunText {
  readonly ending: string;
  readonly blob: Blob;
}

const endings: Readonly<Record<TextKind, readonly [ending: string, type: string]>> = {
  report: ['report.md', 'text/markdown'],
  figures: ['run.json', 'application/json'],
  steps: ['steps.csv', 'text/csv'],
  settings: ['settings.yaml', 'application/yaml'],
};

export async function runText(kind: TextKind, record: RunRecord): Promise<RunText> {
  const [ending, type] = endings[kind];
  return { ending, blob: new Blob([await writers[kind](record)], { type }) };
}

const writers: Readonly<Record<TextKind, (record: RunRecord) => Promise<string>>> = {
  async report(record) {
    const { reportMarkdown } = await import('../../runs/report');
    return reportMarkdown(record, reportOptions(record));
  },

  async figures(record) {
    const { runJson } = await import('../../runs/runJson');
    return JSON.stringify(runJson(record), null, 2);
  },

  async steps(record) {
    return (await import('../../runs/stepsCsv')).stepsCsv(record);
  },

  /** As a recipe that the form reads; as JSON where this version does not know the task. */
  async settings({ task: name, settings }) {
    const task = findTask(name);
    if (task === undefined) return JSON.stringify(settings, null, 2);
    const [{ writeRecipe }, recipe] = await Promise.all([import('../config/recipeYaml'), loadRecipe(name)]);
    return writeRecipe(settings, task, recipe);
  },
};

/** The reader's language, the task's units, and its words for settings, metrics and tables. */
function reportOptions(record: RunRecord): ReportOptions {
  const language = preferences.locale;
  const text = taskText(record.task, language);
  const label = (name: string) =>
    text.settings[name]?.label ?? text.metrics[name]?.label ?? text.names[name] ?? text.choices[name] ?? name;
  const task = findTask(record.task);
  if (task === undefined) return { language, label };
  const units = Object.fromEntries([task.metric, ...task.metrics].map(({ name, unit }) => [name, unit]));
  return { language, label, units, defaults: presetSettings(task, task.defaultPreset) };
}
