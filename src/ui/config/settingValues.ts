// Reads what a person typed for a setting, and says what a preset sets.
import { safeParse } from 'valibot';
import type { Setting, Task } from '../../models/task';
import type { Settings, SettingValue } from '../../models/settings';

export type Reading =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly reason: 'number' | 'whole' | 'range' | 'choice' | 'switch' | 'schema' };

/** As a person types it: a list of texts has one on each line. */
export function textOf(value: SettingValue): string {
  return typeof value === 'object' ? value.join('\n') : String(value);
}

/** The lines that are not empty, or a list in JSON, which fits on a command line. */
function readTexts(text: string): readonly string[] {
  if (/^\s*\[/.test(text)) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
    } catch {
      // A line that begins with a bracket.
    }
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function readNumber(setting: Setting, text: string): Reading {
  const value = text.trim() === '' ? NaN : Number(text.trim());
  if (!Number.isFinite(value)) return { ok: false, reason: 'number' };
  if (setting.kind === 'integer' && !Number.isInteger(value)) return { ok: false, reason: 'whole' };
  if (value < (setting.minimum ?? -Infinity) || value > (setting.maximum ?? Infinity)) {
    return { ok: false, reason: 'range' };
  }
  return { ok: true, value };
}

function readByKind(setting: Setting, text: string): Reading {
  if (setting.kind === 'choice') {
    const known = setting.choices === undefined || setting.choices.includes(text);
    return known ? { ok: true, value: text } : { ok: false, reason: 'choice' };
  }
  if (setting.kind === 'switch') {
    if (text !== 'true' && text !== 'false') return { ok: false, reason: 'switch' };
    return { ok: true, value: text === 'true' };
  }
  if (setting.kind === 'text') return { ok: true, value: text };
  if (setting.kind === 'texts') return { ok: true, value: readTexts(text) };
  return readNumber(setting, text);
}

/** The value that `text` stands for, or why it stands for none. */
export function readSetting(setting: Setting, text: string): Reading {
  const reading = readByKind(setting, text);
  if (!reading.ok || safeParse(setting.schema, reading.value).success) return reading;
  // A choice may be a list of numbers, which the schema wants as numbers.
  const asNumber = Number(text);
  if (setting.kind === 'choice' && text !== '' && safeParse(setting.schema, asNumber).success) {
    return { ok: true, value: asNumber };
  }
  return { ok: false, reason: 'schema' };
}

/** Every setting's value under a preset: the defaults with what the preset says on top. */
export function presetSettings(task: Task, presetName: string): Settings {
  const preset = task.presets.find((candidate) => candidate.name === presetName);
  const defaults = Object.fromEntries(task.settings.map((setting) => [setting.key, setting.default]));
  return { ...defaults, ...preset?.settings };
}
