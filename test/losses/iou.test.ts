// Overlap measures where they are delicate: no overlap, no area, all pairs, and both ways to write boxes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph/graph';
import { reshape } from '../../src/engine/ops/view';
import { cxcywhToXyxy, xyxyToCxcywh } from '../../src/losses/boxConvert';
import { completeIou, distanceIou, generalizedIou, iou } from '../../src/losses/iou';
import { boxIou } from '../../src/metrics/boxIou';
import { expectReference } from '../helpers/differences';
import { openDevice } from '../helpers/gpu';
import { runGraph, targets } from '../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** Corners from hash values: the second half of each box lies beyond the first. */
const corners = (value: number, index: number): number => value + (index % 4 >= 2 ? 2.5 : 0);

describe('iou', () => {
  it('of all pairs is what plain numbers give', async () => {
    await expectReference(device, {
      inputs: { a: [7, 4], b: [5, 4] },
      values: { a: corners, b: corners },
      body: (_graph, { a, b }) => ({ y: iou(reshape(a!, [7, 1, 4]), b!) }),
      reference: ({ a, b }) => ({
        y: Float64Array.from({ length: 35 }, (_, at) => boxIou(a!, Math.floor(at / 5), b!, at % 5, 2)),
      }),
      gradients: ['a', 'b'],
      quick: true,
    });
  });

  it('stays finite, with its gradient, for boxes without area', async () => {
    const boxes = { shape: [2, 4], data: Float32Array.of(1, 1, 1, 1, 0, 0, 2, 0) };
    const measures = { iou, generalizedIou, distanceIou, completeIou };
    for (const { name, target } of targets(device).slice(0, 2)) {
      const { outputs, gradients } = await runGraph(
        device,
        target,
        { a: boxes, b: boxes },
        (_graph, { a, b }) =>
          Object.fromEntries(Object.entries(measures).map(([key, measure]) => [key, measure(a!, b!)])),
        Object.fromEntries(Object.keys(measures).map((key) => [key, Float32Array.of(1, 1)])),
        ['a', 'b'],
      );
      for (const values of [...Object.values(outputs), ...Object.values(gradients)]) {
        expect([...values].every(Number.isFinite), `${name} ${values.join(' ')}`).toBe(true);
      }
    }
  });

  it('says which shapes it wanted', () => {
    const graph = new Graph();
    const [boxes, segments] = [graph.input('boxes', [3, 4]), graph.input('segments', [3, 2])];
    expect(() => iou(boxes, segments)).toThrow('boxes [..., 4] or segments [..., 2] wanted, [3, 4] and [3, 2] came');
    expect(() => completeIou(segments, segments)).toThrow('segments [3, 2] have no aspect ratio');
  });
});

describe('boxConvert', () => {
  it('goes there and back', async () => {
    await expectReference(device, {
      inputs: { x: [7, 4] },
      body: (_graph, { x }) => ({ same: xyxyToCxcywh(cxcywhToXyxy(x!)), corners: cxcywhToXyxy(x!) }),
      reference: ({ x }) => ({
        same: x!,
        corners: x!.map((_, at) => {
          const [row, column] = [at - (at % 4), at % 4];
          return x![row + (column % 2)]! + (column < 2 ? -0.5 : 0.5) * x![row + 2 + (column % 2)]!;
        }),
      }),
      gradients: ['x'],
    });
  });
});
