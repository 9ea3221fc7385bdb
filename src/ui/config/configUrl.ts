// The form's content as a URL fragment (version 1) and back: only what differs from the preset is written.
import { textOf } from './settingValues';
import type { SettingValue } from '../../models/settings';

export const configVersion = '1';

export interface SharedConfig {
  readonly task: string;
  readonly data: 'demo' | 'files' | null;
  /** Null stands for the task's default preset. */
  readonly preset: string | null;
  readonly settings: Readonly<Record<string, SettingValue>>;
}

export interface ReadConfig {
  /** Null when the fragment says none. */
  readonly version: string | null;
  readonly task: string | null;
  readonly data: 'demo' | 'files' | null;
  readonly preset: string | null;
  /** As written; the form checks them against the task. */
  readonly settings: Readonly<Record<string, string>>;
  /** Keys that mean nothing to this version, to be named to the person. */
  readonly unknown: readonly string[];
}

const settingPrefix = 'set.';

export function writeConfig(config: SharedConfig): string {
  const parameters = new URLSearchParams({ v: configVersion, task: config.task });
  if (config.data !== null) parameters.set('data', config.data);
  if (config.preset !== null) parameters.set('preset', config.preset);
  for (const [key, value] of Object.entries(config.settings)) parameters.set(settingPrefix + key, textOf(value));
  return parameters.toString();
}

/** Null when the fragment holds nothing. */
export function readConfig(fragment: string): ReadConfig | null {
  const text = fragment.replace(/^#/, '');
  if (text === '') return null;
  const parameters = new URLSearchParams(text);
  const settings: Record<string, string> = {};
  const unknown: string[] = [];
  let data: ReadConfig['data'] = null;
  for (const [key, value] of parameters) {
    if (key.startsWith(settingPrefix)) settings[key.slice(settingPrefix.length)] = value;
    else if (key === 'data' && (value === 'demo' || value === 'files')) data = value;
    else if (!['v', 'task', 'preset'].includes(key)) unknown.push(key === 'data' ? `data=${value}` : key);
  }
  return {
    version: parameters.get('v'),
    task: parameters.get('task'),
    data,
    preset: parameters.get('preset'),
    settings,
    unknown,
  };
}
