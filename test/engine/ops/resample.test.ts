// Matrices along axes: rows without entries, entries at the same place, matrices that do not fit.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, ShapeError } from '../../../src/engine/graph/graph';
import type { AxisMatrix } from '../../../src/engine/ops/axisMatrix';
import { resample } from '../../../src/engine/ops/resample';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

const matrix: AxisMatrix = {
  rows: 4,
  columns: 5,
  entries: [
    { row: 0, column: 4, weight: 2 },
    { row: 1, column: 0, weight: 1 },
    { row: 1, column: 2, weight: -3 },
    { row: 3, column: 2, weight: 0.5 },
    { row: 3, column: 2, weight: 0.25 },
  ],
};

describe('resample', () => {
  it.each([1, 4])('adds up entries and leaves empty rows zero, with %d channels', async (channels) => {
    await expectReference(device, {
      inputs: { x: [3, 5, channels] },
      body: (_graph, { x }) => ({ y: resample(x!, new Map([[1, matrix]])) }),
      reference({ x }) {
        const y = new Float64Array(3 * 4 * channels);
        for (let batch = 0; batch < 3; batch++)
          for (const { row, column, weight } of matrix.entries)
            for (let c = 0; c < channels; c++)
              y[(batch * 4 + row) * channels + c]! += weight * x![(batch * 5 + column) * channels + c]!;
        return { y };
      },
      gradients: ['x'],
    });
  });

  it('names an axis of another size', () => {
    const x = new Graph().input('x', [3, 6]);
    expect(() => resample(x, new Map([[1, matrix]]))).toThrow(ShapeError);
    expect(() => resample(x, new Map([[1, matrix]]))).toThrow('axis 1 of [3, 6] wants 5 entries');
  });
});
