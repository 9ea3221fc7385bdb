// What trying weights takes on the GPU, counted for every preset of every task: the weights, one batch, and a tenth at most beside.
import { expect, it } from 'vitest';
import { STAGING_BYTES } from '../../../src/engine/device/buffers';
import { defaultTarget } from '../../../src/engine/kernels/target';
import { bytesOf } from '../../../src/engine/passes/memory';
import type { Task } from '../../../src/models/task';
import type { TaskRuntime } from '../../../src/training/runtime';
import { planPrediction } from '../../../src/training/trainer/planTraining';
import { presetSettings } from '../../../src/ui/config/settingValues';

const tasks = import.meta.glob<Task>('../../../src/models/*/task.ts', { eager: true, import: 'task' });
const runtimes = import.meta.glob<TaskRuntime>('../../../src/models/*/runtime.ts', { eager: true, import: 'runtime' });
const tried = Object.entries(tasks).flatMap(([path, task]) => {
  const runtime = runtimes[path.replace('task.ts', 'runtime.ts')]!;
  return runtime.judge ? task.presets.map(({ name }) => [task.name, name, task, runtime] as const) : [];
});

/** As a GPU with room binds. */
const target = { ...defaultTarget, storageBindingBytes: 2 ** 31, bufferBytes: 2 ** 32 };

it.each(tried)('%s, %s', async (_, preset, task, runtime) => {
  const settings = { ...presetSettings(task, preset), batch: 1, mixedPrecision: false };
  const facts = (await runtime.judge!.facts?.(['one', 'two'], settings, [])) ?? {};
  const { plan, graph, bytes } = planPrediction(runtime.model(settings, facts), target);
  const { programs } = plan;
  const sum = (of: (program: (typeof programs)[number]) => number) => programs.reduce((all, one) => all + of(one), 0);
  const weights = [...graph.parameters.values()].reduce(
    (all, { shape }) => all + bytesOf({ size: shape.reduce((a, b) => a * b, 1) }),
    0,
  );
  // What is taken piece by piece lies beside the program as a whole, everything else only where the program reads it.
  const streamed = sum(({ inputs }) =>
    [...inputs.values()].reduce((all, { tensor, pieces }) => all + (pieces > 1 ? 4 * tensor.size : 0), 0),
  );
  // No plan can need less: inputs, tables, and the most that is alive at one time.
  const alive = Math.max(...programs.map(({ memory }) => memory.floorBytes));
  const batch = streamed + sum((one) => one.inputBytes + one.constantBytes) + alive;
  const share = (bytes - STAGING_BYTES) / (weights + batch);
  const mebibytes = (bytes / 2 ** 20).toFixed(1);
  console.log(`${task.name}, ${preset}: ${mebibytes} MiB planned, ${share.toFixed(3)} of weights and one batch`);
  expect(share).toBeLessThan(1.1);
});
