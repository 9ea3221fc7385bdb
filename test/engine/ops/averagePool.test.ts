// Average pooling against float64 loops: windows with and without padding in the count, adaptive windows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import { adaptiveAvgPool, avgPool } from '../../../src/engine/ops/averagePool';
import type { PoolOptions } from '../../../src/engine/ops/poolWindows';
import type { Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { boxes } from '../../helpers/windows';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

const mean = (x: Float64Array, window: readonly number[]): number =>
  window.reduce((sum, at) => sum + x[at]!, 0) / window.length;

describe('avgPool', () => {
  const cases: [Shape, PoolOptions][] = [
    [[2, 3, 17], { kernelSize: 4, stride: 3 }],
    [[1, 2, 7, 9], { kernelSize: [3, 2], stride: [2, 3], padding: [1, 1] }],
    [[2, 1, 11, 14], { kernelSize: 3, stride: 2, ceilMode: true }],
    [[1, 2, 5, 4, 6], { kernelSize: [2, 3, 3], stride: [1, 2, 2], padding: [0, 1, 1] }],
    [[2, 9, 7, 8], { kernelSize: 3, stride: 1, padding: 1, axes: [1, 2] }],
    [[1, 1, 65], { kernelSize: 65 }],
  ];
  it.each(cases)('of %j with %j averages what the window covers', async (shape, options) => {
    const windows = boxes(shape, options);
    await expectReference(device, {
      inputs: { x: shape },
      body: (_graph, { x }) => ({ y: avgPool(x!, { ...options, countIncludePad: false }) }),
      reference: ({ x }) => ({ y: Float64Array.from(windows, (window) => mean(x!, window)) }),
      gradients: ['x'],
    });
  });

  it('counts the padding unless told otherwise', async () => {
    const options = { kernelSize: 3, stride: 1, padding: 1 };
    const windows = boxes([1, 5, 7], options);
    await expectReference(device, {
      inputs: { x: [1, 5, 7] },
      body: (_graph, { x }) => ({ y: avgPool(x!, options) }),
      reference: ({ x }) => ({
        y: Float64Array.from(windows, (window) => (mean(x!, window) * window.length) / 3),
      }),
      gradients: ['x'],
    });
  });
});

describe('adaptiveAvgPool', () => {
  const cases: [Shape, readonly number[]][] = [
    [[2, 3, 17], [5]],
    [
      [1, 2, 7, 9],
      [7, 1],
    ],
    [
      [3, 5, 4, 7, 1],
      [3, 11, 1],
    ],
    [
      [1, 1, 257, 2],
      [1, 1],
    ],
  ];
  it.each(cases)('brings %j to %j', async (shape, size) => {
    await expectReference(device, {
      inputs: { x: shape },
      body: (_graph, { x }) => ({ y: adaptiveAvgPool(x!, size) }),
      reference: ({ x }) => ({ y: adaptive(x!, shape, size) }),
      gradients: ['x'],
    });
  });

  it('names sizes that are not one for each axis', () => {
    const x = new Graph().input('x', [1, 1, 4, 4]);
    expect(() => adaptiveAvgPool(x, [2])).toThrow('outputSize [2] is not one number for each of the axes [2, 3]');
  });
});

function adaptive(x: Float64Array, shape: Shape, size: readonly number[]): Float64Array {
  let values = [...x];
  let now = [...shape];
  size.forEach((outputs, k) => {
    const axis = k + 2;
    const inputs = now[axis]!;
    const inner = now.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = values.length / inner / inputs;
    const next: number[] = [];
    for (let o = 0; o < outer; o++)
      for (let row = 0; row < outputs; row++)
        for (let i = 0; i < inner; i++) {
          const from = Math.floor((row * inputs) / outputs);
          const to = Math.ceil(((row + 1) * inputs) / outputs);
          let sum = 0;
          for (let c = from; c < to; c++) sum += values[(o * inputs + c) * inner + i]!;
          next.push(sum / (to - from));
        }
    values = next;
    now = now.map((one, at) => (at === axis ? outputs : one));
  });
  return Float64Array.from(values);
}
