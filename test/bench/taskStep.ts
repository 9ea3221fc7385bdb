// One training step of a model of ours, on its demo's data, as the bench's engine.
import type { Tuning } from '../../src/engine/device/tuning';
import type { Task } from '../../src/models/task';
import { EngineTrainer } from '../../src/training/engineTrainer';
import type { Settings, SettingValue } from '../../src/training/protocol';
import type { TaskRuntime } from '../../src/training/runtime';
import { presetSettings, readSetting } from '../../src/ui/config/settingValues';
import { compiledTraining, type Engine } from './engine';
import type { Subject } from './protocol';

const tasks = import.meta.glob<{ task: Task }>('../../src/models/*/task.ts', { eager: true });
const runtimes = import.meta.glob<{ runtime: TaskRuntime }>('../../src/models/*/runtime.ts');

/** Names of all tasks. */
export function taskNames(): string[] {
  return Object.values(tasks).map(({ task }) => task.name);
}

/** Throws where the task has no such preset or setting. */
export function checkTask({ name, preset, settings }: Subject & { readonly kind: 'task' }): void {
  const [, task] = find(name);
  settingsOf(task, preset ?? task.presets[0]!.name, settings);
}

function find(name: string): [path: string, task: Task] {
  const [path, { task }] = Object.entries(tasks).find(([, one]) => one.task.name === name)!;
  return [path, task];
}

/**
 * Prepares the data; `setup` then builds and compiles the model. Throws where the task has no such preset or setting.
 */
export async function taskStep(
  device: GPUDevice,
  subject: Subject & { readonly kind: 'task' },
  gigaflops: number,
  tuning?: Tuning,
): Promise<{ title: string; setup: () => Promise<Engine> }> {
  const [path, task] = find(subject.name);
  const { runtime } = await runtimes[path.replace('task.ts', 'runtime.ts')]!();
  const preset = subject.preset ?? runtime.sizeDemo(gigaflops).preset;
  const settings = settingsOf(task, preset, subject.settings);
  const data = await runtime.prepare({ kind: 'demo' }, settings, () => undefined);
  const setup = async (): Promise<Engine> => {
    const trainer = await runtime.createTrainer(device, settings, () => undefined, tuning);
    const clips = Array.from({ length: trainer.batchSize }, (_, i) => i % data.trainClips);
    const batch = data.trainBatch(clips, () => 0.5);
    let step = 0;
    return {
      async step() {
        trainer.train([await trainer.stage(batch)], ++step, 1e-4);
        return (await trainer.losses())[0]?.loss;
      },
      dispose: () => trainer.dispose(),
      ...(trainer instanceof EngineTrainer && { compiled: compiledTraining(trainer) }),
    };
  };
  return { title: `${task.name} ${preset}, batch ${String(settings['batch'])}`, setup };
}

function settingsOf(task: Task, preset: string, typed: Readonly<Record<string, string>>): Settings {
  const presets = task.presets.map(({ name }) => name);
  if (!presets.includes(preset)) {
    throw new Error(`${task.name} has no preset ${preset}; presets: ${presets.join(', ')}.`);
  }
  const changed: Record<string, SettingValue> = {};
  for (const [key, text] of Object.entries(typed)) {
    const setting = task.settings.find((candidate) => candidate.key === key);
    if (!setting) {
      throw new Error(
        `${task.name} has no setting ${key}; settings: ${task.settings.map((one) => one.key).join(', ')}.`,
      );
    }
    const reading = readSetting(setting, text);
    if (!reading.ok) throw new Error(`${task.name} does not take ${key}=${text}.`);
    changed[key] = reading.value;
  }
  return { ...presetSettings(task, preset), ...changed };
}
