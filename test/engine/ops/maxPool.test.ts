// Max pooling against a float64 loop: 1 to 3 axes, overhanging windows, channels first and last, equal entries.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, ShapeError } from '../../../src/engine/graph/graph';
import { maxPool } from '../../../src/engine/ops/maxPool';
import type { PoolOptions } from '../../../src/engine/ops/poolWindows';
import { sizeOf, type Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { boxes, pooledShape } from '../../helpers/windows';
import { runGraph, targets } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

describe('maxPool', () => {
  const cases: [Shape, PoolOptions][] = [
    [[2, 3, 17], { kernelSize: 3, stride: 2, padding: 1 }],
    [[1, 2, 7, 9], { kernelSize: [3, 2], stride: [2, 3], padding: [1, 0] }],
    [[2, 1, 11, 14], { kernelSize: 3, stride: 2, ceilMode: true }],
    [[1, 2, 5, 4, 6], { kernelSize: [2, 3, 2], stride: [1, 2, 2], padding: [0, 1, 1] }],
    [[2, 9, 7, 8], { kernelSize: 3, stride: 1, padding: 1, axes: [1, 2] }],
    [[65, 1, 1], { kernelSize: 1 }],
    [[3, 1, 257], { kernelSize: 2, stride: 5 }],
  ];
  it.each(cases)('of %j with %j picks the largest of each window', async (shape, options) => {
    const windows = boxes(shape, options);
    await expectReference(device, {
      inputs: { x: shape },
      body: (_graph, { x }) => ({ y: maxPool(x!, options) }),
      reference: ({ x }) => ({
        y: Float64Array.from(windows, (window) => Math.max(...window.map((at) => x![at]!))),
      }),
      gradients: ['x'],
    });
  });

  it('gives the gradient of equal entries to the first of them', async () => {
    const shape = [1, 1, 4, 5];
    const options = { kernelSize: 3, stride: 1, padding: 1 };
    const windows = boxes(shape, options);
    const values = Float32Array.from({ length: 20 }, (_, k) => (k % 3 === 0 ? 2 : 1));
    const flow = Float32Array.from({ length: sizeOf(pooledShape(shape, options)) }, (_, k) => k + 1);
    const want = new Float32Array(20);
    windows.forEach((window, k) => {
      const largest = Math.max(...window.map((at) => values[at]!));
      want[window.find((at) => values[at] === largest)!]! += flow[k]!;
    });
    for (const { target } of targets(device)) {
      const inputs = { x: { shape, data: values } };
      const { gradients } = await runGraph(
        device,
        target,
        inputs,
        (_g, { x }) => ({ y: maxPool(x!, options) }),
        { y: flow },
        ['x'],
      );
      expect(gradients['x']).toEqual(want);
    }
  });

  it('names a window that does not fit', () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 1, 2, 9]);
    expect(() => maxPool(x, { kernelSize: 3 })).toThrow(ShapeError);
    expect(() => maxPool(x, { kernelSize: 3 })).toThrow('a window of 3 does not fit axis 2 of [1, 1, 2, 9]');
    expect(() => maxPool(x, { kernelSize: 2, padding: 2 })).toThrow('padding 2 is more than half of the kernel 2');
    expect(() => maxPool(x, { kernelSize: [2, 2, 2] })).toThrow('kernelSize [2, 2, 2] is not one number for each');
  });
});
