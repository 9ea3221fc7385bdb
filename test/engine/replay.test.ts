// A replayed step makes nothing: no GPU buffer, no bind group, no growing JavaScript heap; and its memory is as planned.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poseDefinition } from '../../src/models/pose/runtime';
import { task } from '../../src/models/pose/task';
import { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import type { Settings } from '../../src/models/settings';
import { openDevice } from '../helpers/gpu';

const small: Settings = {
  ...Object.fromEntries(task.settings.map((setting) => [setting.key, setting.default])),
  batch: 2,
  frames: 5,
  layers: 1,
  width: 8,
  representation: 8,
  heads: 2,
  neighbours: 2,
  mlpRatio: 1,
};

let trainer: EngineTrainer;
const made = { buffers: 0, bindGroups: 0, pipelines: 0 };

function batch(step: number): { pose2d: Float32Array; pose3d: Float32Array } {
  const wave = (size: number, phase: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.7 + phase));
  return { pose2d: wave(2 * 5 * 17 * 2, step), pose3d: wave(2 * 5 * 17 * 3, step / 3) };
}

beforeAll(async () => {
  const { device } = await openDevice();
  const count = (
    method: 'createBuffer' | 'createBindGroup' | 'createComputePipelineAsync',
    key: keyof typeof made,
  ): void => {
    const original = device[method].bind(device) as (...args: unknown[]) => unknown;
    Object.defineProperty(device, method, {
      value: (...args: unknown[]) => {
        made[key]++;
        return original(...args);
      },
    });
  };
  count('createBuffer', 'buffers');
  count('createBindGroup', 'bindGroups');
  count('createComputePipelineAsync', 'pipelines');
  let state = 1;
  trainer = await EngineTrainer.create(device, poseDefinition(small), {
    batchSize: 2,
    seed: 7,
    random: () => (state = (state * 16807) % 2147483647) / 2147483647,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 1e-4, clipNorm: 1 },
  });
  await trainer.predicts;
}, 300_000);

afterAll(() => {
  trainer.dispose();
});

describe('replayed steps', () => {
  it('hold as many bytes as the plan said', () => {
    expect(trainer.livePeakBytes).toBeLessThanOrEqual(trainer.plan.plannedPeakBytes);
    expect(trainer.livePeakBytes).toBeGreaterThan(0.95 * trainer.plan.plannedPeakBytes);
  });

  it('make no buffer, bind group or pipeline in 500 steps and leave the heap flat', async () => {
    const run = async (from: number, to: number): Promise<void> => {
      for (let step = from; step <= to; step++) {
        await trainer.train([await trainer.stage(batch(step))], step, 1e-4);
        if (step % 10 === 0) await trainer.losses();
      }
    };
    await run(1, 100);
    await trainer.weights();
    globalThis.gc?.();
    const before = { ...made, heap: process.memoryUsage().heapUsed };
    await run(101, 600);
    globalThis.gc?.();
    expect({ ...made }).toEqual({
      buffers: before.buffers,
      bindGroups: before.bindGroups,
      pipelines: before.pipelines,
    });
    expect(process.memoryUsage().heapUsed - before.heap).toBeLessThan(1 << 20);
    expect(trainer.livePeakBytes).toBeLessThanOrEqual(trainer.plan.plannedPeakBytes);
  });
});
