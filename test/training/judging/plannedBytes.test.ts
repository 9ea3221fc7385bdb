// What trying weights takes on the GPU, counted for each task that can be tried: the weights, one batch, and a tenth at most beside.
import { expect, it } from 'vitest';
import { STAGING_BYTES } from '../../../src/engine/device/buffers';
import { defaultTarget } from '../../../src/engine/kernels/target';
import type { Task } from '../../../src/models/task';
import type { TaskRuntime } from '../../../src/training/runtime';
import { planPrediction } from '../../../src/training/trainer/planTraining';
import { presetSettings } from '../../../src/ui/config/settingValues';

const tasks = import.meta.glob<Task>('../../../src/models/*/task.ts', { eager: true, import: 'task' });
const runtimes = import.meta.glob<TaskRuntime>('../../../src/models/*/runtime.ts', { eager: true, import: 'runtime' });
const tried = Object.entries(tasks).flatMap(([path, task]) => {
  const runtime = runtimes[path.replace('task.ts', 'runtime.ts')]!;
  return runtime.judge ? [[task.name, task, runtime] as const] : [];
});

/** As a GPU with room binds. */
const target = { ...defaultTarget, storageBindingBytes: 2 ** 31, bufferBytes: 2 ** 32 };

it.each(tried)('%s', async (name, task, runtime) => {
  const settings = { ...presetSettings(task, task.defaultPreset), batch: 1, mixedPrecision: false };
  const facts = (await runtime.judge!.facts?.(['one', 'two'], settings, [])) ?? {};
  const model = runtime.model(settings, facts);
  const { plan, graph, bytes } = planPrediction(model, target);
  const { programs } = plan;
  const sum = (of: (program: (typeof programs)[number]) => number) => programs.reduce((all, one) => all + of(one), 0);
  const weights = [...graph.parameters.values()].reduce(
    (sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1),
    0,
  );
  // Frames wait in buffers of their own, so that decoding goes on while the GPU is busy.
  const waiting = Object.entries(model.inputs).reduce(
    (sum, [input, about]) =>
      sum + ('frames' in about && about.frames ? 4 * programs[0]!.inputs.get(input)!.tensor.size : 0),
    0,
  );
  // No plan can need less: inputs, tables, and the most that is alive at one time.
  const alive = Math.max(...programs.map(({ memory }) => memory.floorBytes));
  const batch = waiting + sum((one) => one.inputBytes + one.constantBytes) + alive;
  const share = (bytes - STAGING_BYTES) / (weights + batch);
  console.log(`${name}: ${(bytes / 2 ** 20).toFixed(1)} MiB planned, ${share.toFixed(3)} of weights and one batch`);
  expect(share).toBeLessThan(1.1);
});
