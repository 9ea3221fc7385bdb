// One training step of a model of ours as the bench's engine: on its demo's data, or on made-up inputs where these are
// videos, which nobody decodes here.
import type { Tuner } from '../../src/engine/device/tuning';
import { sizeOf } from '../../src/engine/graph/tensor';
import { invariant } from '../../src/errors';
import type { Task } from '../../src/models/task';
import { createTrainer } from '../../src/training/trainer/createTrainer';
import { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import type { Settings, SettingValue } from '../../src/models/settings';
import { CounterRandom } from '../../src/samples/random';
import type { Batch, DataTools, PreparedData, TaskRuntime, Trainer } from '../../src/training/runtime';
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
  tuning?: Tuner,
): Promise<{ title: string; setup: () => Promise<Engine> }> {
  const [path, task] = find(subject.name);
  const { runtime } = await runtimes[path.replace('task.ts', 'runtime.ts')]!();
  const preset = subject.preset ?? runtime.sizeDemo(gigaflops).preset;
  const settings = settingsOf(task, preset, subject.settings);
  const data = await demoData(runtime, settings);
  const setup = async (): Promise<Engine> => {
    const trainer = await createTrainer({
      ...{ device, runtime, settings, facts: data?.facts ?? runtime.demoFacts ?? {} },
      ...(tuning && { tuning }),
    });
    const batch = data ? firstBatch(data, trainer.batchSize) : madeUpBatch(trainer);
    let step = 0;
    return {
      async step() {
        await trainer.train([await trainer.stage(batch)], ++step, 1e-4);
        return (await trainer.losses())[0]?.loss;
      },
      dispose: () => trainer.dispose(),
      compiled: compiledTraining(trainer),
    };
  };
  const madeUp = data ? '' : ', inputs made up';
  return { title: `${task.name} ${preset}, batch ${String(settings['batch'])}${madeUp}`, setup };
}

/** Thrown where a task asks for videos. */
class NoVideos extends Error {}

const withoutVideos: DataTools = {
  get videos(): never {
    throw new NoVideos();
  },
};

/** Null where the demo is made of videos. */
async function demoData(runtime: TaskRuntime, settings: Settings): Promise<PreparedData | null> {
  try {
    return await runtime.prepare({ kind: 'demo' }, settings, () => undefined, withoutVideos);
  } catch (error) {
    if (error instanceof NoVideos) return null;
    throw error;
  }
}

function firstBatch(data: PreparedData, size: number): Batch {
  const clips = Array.from({ length: size }, (_, i) => i % data.trainClips);
  return data.trainBatch(clips, () => 0.5);
}

/** Numbers from 0 to 1 for every input: values of pixels, labels and weights alike. */
export function madeUpBatch(trainer: Trainer): Batch {
  invariant(trainer instanceof EngineTrainer, 'only a trainer of our engine says what it reads');
  const random = new CounterRandom(0, 0, 0);
  return Object.fromEntries(
    [...trainer.inputShapes].map(([name, shape]) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => random.next()),
    ]),
  );
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
