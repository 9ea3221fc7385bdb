// 600 MB of weights with an optimiser's state are kept, restored and exported without ever being whole in memory.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allCheckpointBytes, opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { Checkpoints } from '../../src/training/checkpoints/checkpoints';
import { exportWeights } from '../../src/training/weights/exportWeights';
import type { ReadableTensor, StateTensor } from '../../src/training/runtime';
import type { SessionState } from '../../src/training/session/sessionState';
import { restoreState } from '../../src/training/trainer/stateTensors';
import { collectGarbage, memoryBytes } from './tabMemory';

const mebibyte = 2 ** 20;
const bytes = 600 * mebibyte;
const momentumBytes = 64 * mebibyte;

let peak = 0;
beforeEach(async () => {
  await collectGarbage();
  peak = await memoryBytes();
});
afterEach(async () => {
  console.log(`at most ${(peak / mebibyte).toFixed(0)} MiB`);
  await opfsCheckpoints.removeRun('big');
});

const pattern = Float32Array.from({ length: 4 * mebibyte }, (_, i) => (i % 4099) - 2000);

/** As on a GPU: values are made when they are read, and written ones are compared and let go. Each part has its mark. */
function tensor(name: string, shape: readonly number[]): StateTensor & { readonly right: () => number } {
  let right = 0;
  const read: ReadableTensor['read'] = async (begin, end) => {
    peak = Math.max(peak, await memoryBytes());
    const values = pattern.slice(0, end - begin);
    values[0] = begin / mebibyte;
    return values;
  };
  const write: StateTensor['write'] = async (values, begin) => {
    peak = Math.max(peak, await memoryBytes());
    if (values[0] === begin / mebibyte) right += 1;
    for (let i = 1; i < values.length; i += 1) if (values[i] === pattern[i]) right += 1;
  };
  return { name, dtype: 'F32', shape, read, write, right: () => right };
}

/** Many tensors of a usual size, one very large one, and a moment of some. */
function newState() {
  const blocks = Array.from({ length: 100 }, (_, i) => tensor(`blocks.${i}.weight`, [1024, 1024]));
  const weights = [...blocks, tensor('embedding.weight', [50, 1024, 1024])];
  return { weights, optimizerState: [tensor('momentum', [momentumBytes / 4])], resetOptimizer: () => undefined };
}

const session = {
  ...{ format: 2, task: 'big', preset: 'big', step: 7, epoch: 1, best: null },
  random: { generator: 'philox4x32-10', seed: 1 },
} as unknown as SessionState;

it('in the browser’s own files', { timeout: 120_000 }, async () => {
  const started = performance.now();
  const checkpoints = new Checkpoints(opfsCheckpoints, 'big');
  const saved = await checkpoints.save({ state: session, ...newState() });
  expect(saved.refused).toBeNull();
  expect(saved.bytes).toBeGreaterThan(bytes + momentumBytes);
  expect(await allCheckpointBytes()).toBe(saved.bytes);
  const seconds = (performance.now() - started) / 1000;
  const checkpoint = (await checkpoints.newest(() => expect.unreachable()))!;
  const into = newState();
  await restoreState(into, checkpoint);
  for (const { right, shape } of [...into.weights, ...into.optimizerState])
    expect(right()).toBe(shape.reduce((product, size) => product * size, 1));
  console.log(`kept in ${seconds.toFixed(1)} s, all in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const exported = await exportWeights(opfsCheckpoints, 'big', {
    which: 'last',
    format: 'safetensors',
    weights: 'raw',
    metricName: 'error',
  });
  peak = Math.max(peak, await memoryBytes());
  expect(exported.size).toBeGreaterThan(bytes);
  expect(exported.size).toBeLessThan(bytes + mebibyte);
  expect(peak).toBeLessThan(700e6);
});
