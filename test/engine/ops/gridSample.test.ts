// Bilinear reads at computed positions against a float64 loop, partly outside the input.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, ShapeError } from '../../../src/engine/graph/graph';
import { gridSample } from '../../../src/engine/ops/gridSample';
import type { Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

function reference(x: Float64Array, xShape: Shape, grid: Float64Array, gridShape: Shape, align: boolean) {
  const [batch, channels, height, width] = xShape as [number, number, number, number];
  const samples = gridShape[1]! * gridShape[2]!;
  const y = new Float64Array(batch * channels * samples);
  const pixel = (g: number, size: number): number => (align ? ((g + 1) / 2) * (size - 1) : ((g + 1) * size - 1) / 2);
  for (let n = 0; n < batch; n++)
    for (let s = 0; s < samples; s++) {
      const at = (n * samples + s) * 2;
      const [px, py] = [pixel(grid[at]!, width), pixel(grid[at + 1]!, height)];
      for (let c = 0; c < channels; c++)
        for (const v of [Math.floor(py), Math.floor(py) + 1])
          for (const h of [Math.floor(px), Math.floor(px) + 1]) {
            if (v < 0 || h < 0 || v >= height || h >= width) continue;
            const weight = (1 - Math.abs(py - v)) * (1 - Math.abs(px - h));
            y[(n * channels + c) * samples + s]! += weight * x[((n * channels + c) * height + v) * width + h]!;
          }
    }
  return { y };
}

describe('gridSample', () => {
  const cases: [Shape, Shape, boolean][] = [
    [[2, 3, 5, 7], [2, 4, 3, 2], false],
    [[1, 4, 7, 1], [1, 65, 1, 2], false],
    [[1, 1, 6, 5], [1, 3, 9, 2], true],
  ];
  it.each(cases)('reads %j at %j, corners aligned: %s', async (xShape, gridShape, alignCorners) => {
    await expectReference(device, {
      inputs: { x: xShape, grid: gridShape },
      values: { grid: (value) => 1.3 * value },
      body: (_graph, { x, grid }) => ({ y: gridSample(x!, grid!, { alignCorners }) }),
      reference: ({ x, grid }) => reference(x!, xShape, grid!, gridShape, alignCorners),
      gradients: ['x', 'grid'],
    });
  });

  it('names shapes that do not fit', () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3, 5, 7]);
    expect(() => gridSample(x, graph.input('grid', [1, 4, 4, 2]))).toThrow(ShapeError);
    expect(() => gridSample(x, graph.input('grid', [2, 4, 4, 3]))).toThrow(
      'grid [batch, rows, columns, 2], got [2, 3, 5, 7] and [2, 4, 4, 3]',
    );
  });
});
