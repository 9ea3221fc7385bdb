// Layer norm against a float64 loop, at odd widths, wide rows and large offsets.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { layerNorm } from '../../../src/engine/ops/layerNorm';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import type { Shape } from '../../../src/engine/graph/tensor';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

function reference(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += width) {
    const own = x.subarray(row, row + width);
    const mean = own.reduce((sum, one) => sum + one, 0) / width;
    const variance = own.reduce((sum, one) => sum + (one - mean) ** 2, 0) / width;
    for (let k = 0; k < width; k++)
      y[row + k] = ((own[k]! - mean) / Math.sqrt(variance + 1e-5)) * weight[k]! + bias[k]!;
  }
  return y;
}

describe('layerNorm', () => {
  const shapes: [Shape, number][] = [
    [[5, 1], 0],
    [[1, 7], 0],
    [[3, 5, 65], 0],
    [[7, 257], 20],
    [[65, 128], 5],
    [[2, 1028], 0],
  ];
  it.each(shapes)('normalises rows of %j with offset %d', async (shape, offset) => {
    const width = shape[shape.length - 1] ?? 1;
    await expectReference(device, {
      inputs: { x: shape, weight: [width], bias: [width] },
      values: { x: (value) => value + offset },
      body: (_graph, { x, weight, bias }) => ({ y: layerNorm(x!, weight!, bias!) }),
      reference: ({ x, weight, bias }) => ({ y: reference(x!, weight!, bias!) }),
      gradients: width === 1 ? ['weight', 'bias'] : ['x', 'weight', 'bias'],
      tolerance: offset > 0 ? 2e-5 : 2e-6,
      gradientTolerance: offset > 0 ? 2e-4 : 2e-5,
    });
  });
});
