// Texts and lists of texts as settings: typed, in a link, in a recipe, on the command line.
import { describe, expect, it } from 'vitest';
import { text, texts } from '../../src/models/settingFields';
import type { Task } from '../../src/models/task';
import { readConfig, writeConfig } from '../../src/ui/config/configUrl';
import { readRecipe, writeRecipe } from '../../src/ui/config/recipeYaml';
import { readSetting, textOf } from '../../src/ui/config/settingValues';

const prompt = text('model', 'prompt', 'a satellite photo of a {}.', { most: 40 });
const classes = texts('model', 'classes', ['airplane', 'ship'], { least: 1, most: 3 });
const task: Task = {
  name: 'detector',
  settings: [prompt, classes],
  presets: [],
  defaultPreset: '',
  accepts: [],
  metric: { name: 'mAP', unit: '', better: 'higher' },
  metrics: [],
};
const chosen = ['storage tank', 'train, station', '飞机'];

describe('a list of texts', () => {
  it('is typed with one on each line', () => {
    expect(readSetting(classes, ' storage tank \n\ntrain, station\n飞机\n')).toEqual({ ok: true, value: chosen });
    expect(readSetting(classes, textOf(chosen))).toEqual({ ok: true, value: chosen });
  });

  it('may be typed as JSON, which fits on a command line', () => {
    expect(readSetting(classes, '["storage tank","train, station","飞机"]')).toEqual({ ok: true, value: chosen });
    expect(readSetting(classes, '[brackets]')).toEqual({ ok: true, value: ['[brackets]'] });
  });

  it('has as many as the task allows, each once', () => {
    for (const wrong of ['', 'a\nb\nc\nd', 'a\na']) expect(readSetting(classes, wrong).ok).toBe(false);
  });
});

it('goes through a link unchanged', () => {
  const link = writeConfig({
    task: 'detector',
    data: null,
    preset: null,
    settings: { classes: chosen, prompt: 'a {}' },
  });
  const { settings } = readConfig(`#${link}`)!;
  expect(readSetting(classes, settings['classes']!)).toEqual({ ok: true, value: chosen });
  expect(readSetting(prompt, settings['prompt']!)).toEqual({ ok: true, value: 'a {}' });
});

it('goes through a recipe unchanged, and may be written as one text or a list there', () => {
  const settings = { prompt: 'on: {}', classes: chosen };
  const read = readRecipe(writeRecipe(settings, task), task);
  expect(read.problems).toEqual([]);
  expect(read.settings).toEqual(settings);
  expect(readRecipe('classes: harbor\n', task).settings).toEqual({ classes: ['harbor'] });
  expect(readRecipe('classes: [dam, 7]\n', task).settings).toEqual({ classes: ['dam', '7'] });
  expect(readRecipe('prompt: [a, b]\n', task).problems[0]).toMatchObject({ key: 'prompt', line: 1 });
  expect(readSetting(prompt, 'x'.repeat(41)).ok).toBe(false);
});
