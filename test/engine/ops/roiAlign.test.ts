// Box pooling against a float64 loop after torchvision: boxes over the edge, tiny boxes, samples by cell size.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, ShapeError } from '../../../src/engine/graph/graph';
import { roiAlign } from '../../../src/engine/ops/roiAlign';
import type { Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

type Options = Required<Parameters<typeof roiAlign>[2]>;

/** The image's value at a position, as torchvision's bilinear_interpolate. */
function bilinear(at: (v: number, h: number) => number, height: number, width: number, y: number, x: number): number {
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const [py, px] = [Math.min(Math.max(y, 0), height - 1), Math.min(Math.max(x, 0), width - 1)];
  const [v, h] = [Math.floor(py), Math.floor(px)];
  const [below, right] = [Math.min(v + 1, height - 1), Math.min(h + 1, width - 1)];
  const upper = at(v, h) * (1 - px + h) + at(v, right) * (px - h);
  return upper * (1 - py + v) + (at(below, h) * (1 - px + h) + at(below, right) * (px - h)) * (py - v);
}

function reference(x: Float64Array, shape: Shape, boxes: readonly (readonly number[])[], options: Options) {
  const [, channels, height, width] = shape as [number, number, number, number];
  const { outputSize, spatialScale, samplingRatio, aligned } = options;
  const y: number[] = [];
  for (const [batch, ...corners] of boxes) {
    const [x1, y1, x2, y2] = corners.map((one) => one * spatialScale - (aligned ? 0.5 : 0)) as [
      number,
      number,
      number,
      number,
    ];
    const least = aligned ? -Infinity : 1;
    const cellHeight = Math.max(y2 - y1, least) / outputSize[0];
    const cellWidth = Math.max(x2 - x1, least) / outputSize[1];
    const down = samplingRatio > 0 ? samplingRatio : Math.ceil(cellHeight);
    const across = samplingRatio > 0 ? samplingRatio : Math.ceil(cellWidth);
    for (let c = 0; c < channels; c++)
      for (let v = 0; v < outputSize[0]; v++)
        for (let h = 0; h < outputSize[1]; h++) {
          let sum = 0;
          for (let i = 0; i < down; i++)
            for (let j = 0; j < across; j++) {
              const py = y1 + v * cellHeight + ((i + 0.5) * cellHeight) / down;
              const px = x1 + h * cellWidth + ((j + 0.5) * cellWidth) / across;
              const at = (a: number, b: number): number => x[((batch! * channels + c) * height + a) * width + b]!;
              sum += bilinear(at, height, width, py, px);
            }
          y.push(sum / Math.max(down * across, 1));
        }
  }
  return { y: Float64Array.from(y) };
}

describe('roiAlign', () => {
  const boxes = [
    [0, 1.3, 0.7, 9.1, 12.9],
    [1, -3.2, 4.1, 5.3, 30.7],
    [1, 6.1, 6.2, 6.3, 6.9],
    [0, 40.5, 41.5, 50.1, 60.3],
    [1, 0.3, 0.1, 13.7, 16.9],
  ];
  const cases: [Shape, Options][] = [
    [[2, 3, 9, 7], { outputSize: [3, 2], spatialScale: 0.5, samplingRatio: 2, aligned: true }],
    [[2, 4, 9, 7], { outputSize: [7, 1], spatialScale: 0.5, samplingRatio: 3, aligned: false }],
    [[2, 1, 17, 14], { outputSize: [2, 5], spatialScale: 1, samplingRatio: 0, aligned: true }],
    [[2, 8, 17, 14], { outputSize: [1, 3], spatialScale: 1, samplingRatio: -1, aligned: false }],
  ];
  it.each(cases)('pools %j with %j', async (shape, options) => {
    await expectReference(device, {
      inputs: { x: shape },
      body: (graph, { x }) => ({
        y: roiAlign(x!, graph.constant(Float32Array.from(boxes.flat()), [boxes.length, 5]), options),
      }),
      reference: ({ x }) => reference(x!, shape, boxes, options),
      gradients: ['x'],
    });
  });

  it('names boxes without a batch entry', () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 3, 5, 7]);
    const pool = () => roiAlign(x, graph.input('boxes', [9, 4]), { outputSize: [7, 7] });
    expect(pool).toThrow(ShapeError);
    expect(pool).toThrow('boxes [boxes, 5], got [1, 3, 5, 7] and [9, 4]');
  });
});
