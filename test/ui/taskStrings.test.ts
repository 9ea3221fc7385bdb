// Every task's settings, choices, presets and metrics have words in both languages.
import { describe, expect, test } from 'vitest';
import { tasks, taskText } from '../../src/ui/tasks';

describe.each(tasks)('$name', (task) => {
  test.each(['en', 'zh-CN'] as const)('is worded in %s', (locale) => {
    const text = taskText(task.name, locale);
    const missing = [
      ...task.settings.filter(({ key }) => text.settings[key] === undefined).map(({ key }) => `setting ${key}`),
      ...task.settings
        .flatMap(({ choices = [] }) => choices)
        .filter((choice) => text.choices[choice] === undefined && Number.isNaN(Number(choice)) && !/[A-Z]/.test(choice))
        .map((choice) => `choice ${choice}`),
      ...task.presets.filter(({ name }) => text.presets[name] === undefined).map(({ name }) => `preset ${name}`),
      ...[task.metric, ...task.metrics]
        .filter(({ name }) => text.metrics[name] === undefined)
        .map(({ name }) => `metric ${name}`),
    ];
    expect(missing).toEqual([]);
    expect(text.title).not.toBe(task.name);
    expect(text.summary).not.toBe('');
  });

  test('shows at most eight fields at first', () => {
    expect(task.settings.filter(({ primary }) => primary).length).toBeLessThanOrEqual(8);
  });
});
