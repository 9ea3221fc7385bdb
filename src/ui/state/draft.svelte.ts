// The form before a run: task, data, preset and what was typed for each setting.
import type { Setting, Task } from '../../models/task';
import type { DataSource } from '../../annotations/dataSource';
import type { Settings, SettingValue } from '../../models/settings';
import { presetSettings, readSetting, textOf, type Reading } from '../config/settingValues';
import type { ReadConfig, SharedConfig } from '../config/configUrl';
import { findTask } from '../tasks';

/** Parts of an opened link that could not be taken over, to be named in a notice. */
export interface LinkProblems {
  readonly version: string | null;
  readonly task: string | null;
  readonly preset: string | null;
  readonly unknown: readonly string[];
}

export class Draft {
  #task = $state.raw<Task>()!;
  #preset = $state('');
  #presetChosen = $state(false);
  #typed = $state.raw<Readonly<Record<string, string>>>({});
  data = $state.raw<DataSource | null>(null);

  readonly base: Settings = $derived(presetSettings(this.#task, this.#preset));
  readonly readings: Readonly<Record<string, Reading>> = $derived(
    Object.fromEntries(
      this.#task.settings.map((setting) => [setting.key, readSetting(setting, this.textFor(setting))]),
    ),
  );
  /** Null while a field holds something that is not allowed. */
  readonly settings: Settings | null = $derived(this.#valid());
  readonly changed: readonly string[] = $derived(
    this.#task.settings.filter((setting) => this.#isChanged(setting)).map((setting) => setting.key),
  );
  readonly firstInvalid: string | null = $derived(
    this.#task.settings.find((setting) => !this.readings[setting.key]!.ok)?.key ?? null,
  );

  constructor(task: Task) {
    this.chooseTask(task);
  }

  get task(): Task {
    return this.#task;
  }

  get preset(): string {
    return this.#preset;
  }

  /** True once the person (or a link) chose the preset or a value: the demo is then not sized for them. */
  get presetChosen(): boolean {
    return this.#presetChosen;
  }

  chooseTask(task: Task): void {
    this.#task = task;
    this.#preset = task.defaultPreset;
    this.#presetChosen = false;
    this.#typed = {};
    this.data = null;
  }

  choosePreset(name: string): void {
    this.#preset = name;
    this.#presetChosen = true;
    this.#typed = {};
  }

  textFor(setting: Setting): string {
    return this.#typed[setting.key] ?? textOf(this.base[setting.key] ?? setting.default);
  }

  /** Whether a setting that is shown when it is set differs from what it is without a preset. */
  isSet(setting: Setting): boolean {
    return setting.shownWhenSet === true && this.textFor(setting) !== textOf(setting.default);
  }

  type(key: string, text: string): void {
    this.#typed = { ...this.#typed, [key]: text };
  }

  /** Takes over values that the person chose elsewhere: the preset below them stays. */
  take(settings: Settings): void {
    this.#presetChosen = true;
    for (const [key, value] of Object.entries(settings)) this.type(key, textOf(value));
  }

  reset(key: string): void {
    this.#typed = Object.fromEntries(Object.entries(this.#typed).filter(([typed]) => typed !== key));
  }

  resetAll(): void {
    this.#typed = {};
  }

  /** Takes over a size for this machine; what the person set themselves stays. */
  sizeTo(size: { preset: string; settings: Settings }): void {
    if (this.#presetChosen) return;
    this.#preset = size.preset;
    for (const [key, value] of Object.entries(size.settings)) if (!(key in this.#typed)) this.type(key, textOf(value));
  }

  /** Fills the form from a run's settings, so that it can be run again. */
  fill(task: Task, preset: string, settings: Settings): void {
    this.chooseTask(task);
    if (task.presets.some((candidate) => candidate.name === preset)) this.#preset = preset;
    this.#presetChosen = true;
    for (const [key, value] of Object.entries(settings)) {
      if (key in this.base && textOf(this.base[key]!) !== textOf(value)) this.type(key, textOf(value));
    }
  }

  /** Fills the form from a link and says what of it means nothing here. Starts nothing. */
  open(link: ReadConfig, version: string): LinkProblems {
    const task = link.task === null ? this.#task : findTask(link.task);
    const unknown = [...link.unknown];
    this.chooseTask(task ?? this.#task);
    const preset = this.#task.presets.find((candidate) => candidate.name === link.preset);
    if (preset !== undefined) this.choosePreset(preset.name);
    for (const [key, text] of Object.entries(link.settings)) {
      if (this.#task.settings.some((setting) => setting.key === key)) this.type(key, text);
      else unknown.push(key);
    }
    if (link.data === 'demo') this.data = { kind: 'demo' };
    return {
      version: link.version === version || link.version === null ? null : link.version,
      task: task === undefined ? link.task : null,
      preset: preset === undefined ? link.preset : null,
      unknown,
    };
  }

  shared(): SharedConfig {
    const settings: Record<string, SettingValue> = {};
    for (const key of this.changed) {
      const reading = this.readings[key]!;
      settings[key] = reading.ok ? reading.value : this.#typed[key]!;
    }
    const preset = this.#preset === this.#task.defaultPreset && !this.#presetChosen ? null : this.#preset;
    return { task: this.#task.name, data: this.data?.kind ?? null, preset, settings };
  }

  #valid(): Settings | null {
    const settings: Record<string, SettingValue> = {};
    for (const [key, reading] of Object.entries(this.readings)) {
      if (!reading.ok) return null;
      settings[key] = reading.value;
    }
    return settings;
  }

  #isChanged(setting: Setting): boolean {
    if (this.#typed[setting.key] === undefined) return false;
    const reading = this.readings[setting.key]!;
    return !reading.ok || textOf(reading.value) !== textOf(this.base[setting.key] ?? setting.default);
  }
}
