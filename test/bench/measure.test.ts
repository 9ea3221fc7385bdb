// Times and counts of an engine, ours and one that makes new objects in each step.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import { openGpu } from '../helpers/gpu';
import { setup } from './adapter';
import { watchGpu, type Watch } from './counters';
import type { Engine } from './engine';
import { measure } from './measure';
import type { Workload } from './workloads';

const effort = { steps: 4, budgetSeconds: 0 };
let device: GPUDevice;
let watch: Watch;
beforeAll(async () => {
  const { gpu } = await openGpu();
  watch = watchGpu();
  ({ device } = await openDevice(gpu));
});
afterAll(() => device.destroy());

const waves = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1));

/** A dense layer of 8 by 4 on 6 rows, learned from one-hot labels, and a product of 16 by 16. */
const common = {
  dtype: 'f32',
  adamw: { lr: 1e-2, b1: 0.9, b2: 0.999, eps: 1e-8, wd: 0.01 },
  eps: 1e-5,
} as const;
const training: Workload = {
  ...common,
  name: 'mlp',
  family: 'mlp',
  kind: 'train',
  cfg: { sizes: [8, 4] } as unknown as Workload['cfg'],
  params: { w0: { shape: [8, 4], data: waves(32) }, b0: { shape: [4], data: new Float32Array(4) } },
  inputs: {
    x: { shape: [6, 8], data: waves(48) },
    y: { shape: [6, 4], data: Float32Array.from({ length: 24 }, (_, i) => Number(i % 4 === 1)) },
  },
};
const product: Workload = {
  ...common,
  name: 'matmul-f32',
  family: 'matmul',
  kind: 'infer',
  cfg: { n: 16 },
  params: { b: { shape: [16, 16], data: waves(256) } },
  inputs: { x: { shape: [16, 16], data: waves(256) } },
};

describe.each([training, product])('our $name', (workload) => {
  test('makes nothing in a step and holds the bytes that were planned', async () => {
    const { figures, engine } = await measure(() => setup(device, workload), watch, effort);
    expect(figures).toMatchObject({ steps: 4, newBuffers: 0, newBindGroups: 0, grownBytes: 0 });
    // No buffer is made with less than 16 bytes, whatever its plan says.
    expect(Math.abs(figures.peakBytes - figures.plannedBytes!)).toBeLessThan(16);
    expect(figures.dispatches).toBeGreaterThanOrEqual(1);
    expect(figures.flops).toBeGreaterThan(0);
    // At least inputs and weights are read; without timestamps nobody says so.
    const least = device.features.has('timestamp-query') ? 4 * (workload.inputs['x']!.data.length + 32) : Infinity;
    expect(figures.bytes ?? Infinity).toBeGreaterThanOrEqual(least);
    expect(figures.firstMilliseconds).toBeGreaterThan(figures.setupMilliseconds);
    expect(figures.leastMilliseconds).toBeLessThanOrEqual(figures.medianMilliseconds);
    const live = watch.counts.liveBytes;
    await engine.dispose();
    expect(live - watch.counts.liveBytes).toBe(figures.peakBytes);
    if (workload.kind === 'train') expect(figures.check[1]).toBeLessThan(figures.check[0]!);
    else expect(figures.check).toHaveLength(1);
  });
});

test('what an eager engine makes in each step is counted, by step', async () => {
  const kept: GPUBuffer[] = [];
  const wasteful: Engine = {
    step() {
      for (const [k, size] of [64, 256].entries()) {
        const buffer = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST });
        if (k === 0) kept.push(buffer);
        else buffer.destroy();
      }
      device.queue.submit([device.createCommandEncoder().finish()]);
      return Promise.resolve(1);
    },
    dispose: () => kept.forEach((buffer) => buffer.destroy()),
  };
  const { figures, engine } = await measure(() => Promise.resolve(wasteful), watch, effort);
  expect(figures).toMatchObject({ newBuffers: 2, submissions: 1, dispatches: 0, grownBytes: 64, check: [1, 1] });
  // Six steps in all: six buffers kept, and the sixth step's short-lived one beside them.
  expect(figures.peakBytes).toBe(6 * 64 + 256);
  await engine.dispose();
});

test('a loss that is no number ends the row', async () => {
  let step = 0;
  const lost: Engine = { step: () => Promise.resolve(++step === 3 ? NaN : 1), dispose: () => undefined };
  await expect(measure(() => Promise.resolve(lost), watch, effort)).rejects.toThrow('the loss of step 3 is not finite');
});

test('an error that no scope caught is heard of', async () => {
  device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await device.queue.onSubmittedWorkDone();
  expect(watch.errors).toHaveLength(1);
});
