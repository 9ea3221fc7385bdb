// What a person types for a setting is read strictly, and a preset lies on top of the defaults.
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Setting, Task } from '../../src/models/task';
import { presetSettings, readSetting } from '../../src/ui/config/settingValues';

const epochs: Setting = {
  key: 'epochs',
  schema: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  default: 5,
  kind: 'integer',
  minimum: 1,
  maximum: 100,
  primary: true,
  midRun: false,
  group: 'training',
};
const optimizer: Setting = {
  key: 'optimizer',
  schema: v.picklist(['adam', 'adamw']),
  default: 'adamw',
  kind: 'choice',
  choices: ['adam', 'adamw'],
  primary: false,
  midRun: false,
  group: 'training',
};
const odd: Setting = {
  ...epochs,
  key: 'odd',
  schema: v.pipe(
    v.number(),
    v.check((n) => n % 2 === 1),
  ),
};

describe('readSetting', () => {
  test('takes numbers inside the range, spaces around them ignored', () => {
    expect(readSetting(epochs, ' 12 ')).toEqual({ ok: true, value: 12 });
    expect(readSetting(epochs, '1e1')).toEqual({ ok: true, value: 10 });
  });

  test.each([
    ['', 'number'],
    ['ten', 'number'],
    ['Infinity', 'number'],
    ['1.5', 'whole'],
    ['0', 'range'],
    ['101', 'range'],
  ])('refuses %j as %s', (text, reason) => {
    expect(readSetting(epochs, text)).toEqual({ ok: false, reason });
  });

  test('leaves the last word to the schema', () => {
    expect(readSetting(odd, '3')).toEqual({ ok: true, value: 3 });
    expect(readSetting(odd, '4')).toEqual({ ok: false, reason: 'schema' });
  });

  test('knows choices and switches', () => {
    expect(readSetting(optimizer, 'adam')).toEqual({ ok: true, value: 'adam' });
    expect(readSetting(optimizer, 'sgd')).toEqual({ ok: false, reason: 'choice' });
    const flip: Setting = { ...optimizer, kind: 'switch', schema: v.boolean(), default: false };
    expect(readSetting(flip, 'true')).toEqual({ ok: true, value: true });
    expect(readSetting(flip, 'yes')).toEqual({ ok: false, reason: 'switch' });
  });

  test('gives a choice among numbers as a number', () => {
    const frames: Setting = { ...optimizer, schema: v.picklist([27, 81]), choices: ['27', '81'], default: 27 };
    expect(readSetting(frames, '81')).toEqual({ ok: true, value: 81 });
  });
});

test('a preset lies on top of the defaults, an unknown one changes nothing', () => {
  const task = {
    settings: [epochs, optimizer],
    presets: [{ name: 'short', settings: { epochs: 1 } }],
  } as unknown as Task;
  expect(presetSettings(task, 'short')).toEqual({ epochs: 1, optimizer: 'adamw' });
  expect(presetSettings(task, 'other')).toEqual({ epochs: 5, optimizer: 'adamw' });
});
