// Products against float64 loops at sizes where GPUs stage tiles in workgroup memory: edges, long sums, convolutions.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { convolution } from '../../../src/engine/ops/convolution';
import { linear, matmul } from '../../../src/engine/ops/matmul';
import { transpose } from '../../../src/engine/ops/view';
import { expectReference, type OpCase } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

type Layout = 'plain' | 'transposed a' | 'linear';

function productCase(batch: number, m: number, k: number, n: number, layout: Layout): OpCase {
  const aShape = layout === 'transposed a' ? [batch, k, m] : [batch, m, k];
  const bShape = layout === 'linear' ? [n, k] : [batch, k, n];
  return {
    inputs: { a: aShape, b: bShape },
    body: (_graph, { a, b }) => {
      if (layout === 'linear') return { y: linear(a!, b!) };
      return { y: matmul(layout === 'transposed a' ? transpose(a!, 1, 2) : a!, b!) };
    },
    reference: ({ a, b }) => {
      const y = new Float64Array(batch * m * n);
      for (let i = 0; i < batch; i++) {
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let sum = 0;
            for (let j = 0; j < k; j++) {
              const left = layout === 'transposed a' ? a![(i * k + j) * m + row]! : a![(i * m + row) * k + j]!;
              const right = layout === 'linear' ? b![column * k + j]! : b![(i * k + j) * n + column]!;
              sum += left * right;
            }
            y[(i * m + row) * n + column] = sum;
          }
        }
      }
      return { y };
    },
    tolerance: 1e-5,
  };
}

describe('products', () => {
  it('fill whole tiles of 64', async () => {
    await expectReference(device, productCase(1, 64, 32, 128, 'plain'));
    await expectReference(device, productCase(2, 64, 48, 64, 'transposed a'));
  });
  it('stop at edges of every kind', async () => {
    await expectReference(device, productCase(2, 70, 37, 66, 'plain'));
    await expectReference(device, productCase(1, 65, 36, 100, 'linear'));
    await expectReference(device, productCase(1, 33, 40, 67, 'transposed a'));
  });
  it('make rows in threes where that keeps more of a device busy', async () => {
    await expectReference(device, productCase(1, 197, 68, 384, 'plain'));
    await expectReference(device, productCase(1, 197, 68, 384, 'linear'));
  });
  it('convolve with padding and stride', async () => {
    const [n, size, channels, outputs] = [1, 9, 16, 40];
    await expectReference(device, {
      inputs: { x: [n, size, size, channels], w: [outputs, channels, 3, 3] },
      body: (_graph, { x, w }) => ({ y: convolution(x!, w!, null, { padding: 1, channels: 'last' }) }),
      reference: ({ x, w }) => {
        const y = new Float64Array(size * size * outputs);
        for (let row = 0; row < size; row++) {
          for (let column = 0; column < size; column++) {
            for (let o = 0; o < outputs; o++) {
              let sum = 0;
              for (let r = 0; r < 3; r++) {
                for (let s = 0; s < 3; s++) {
                  const [i, j] = [row + r - 1, column + s - 1];
                  if (i < 0 || j < 0 || i >= size || j >= size) continue;
                  for (let c = 0; c < channels; c++) {
                    sum += x![(i * size + j) * channels + c]! * w![((o * channels + c) * 3 + r) * 3 + s]!;
                  }
                }
              }
              y[(row * size + column) * outputs + o] = sum;
            }
          }
        }
        return { y };
      },
      gradients: ['x', 'w'],
      tolerance: 1e-5,
      gradientTolerance: 1e-4,
    });
  });
  it.each([
    { why: 'the many taps of a large kernel with a stride', size: 5, kernel: 17, stride: 2, dilation: 1 },
    { why: 'neighbours whose taps lie apart', size: 13, kernel: 3, stride: 1, dilation: 2 },
    { why: 'neighbours further apart than taps', size: 12, kernel: 3, stride: 2, dilation: 1 },
    { why: 'phases of a stride of three', size: 14, kernel: 5, stride: 3, dilation: 1 },
  ])('add up $why in depthwise convolutions', async ({ size, kernel, stride, dilation }) => {
    const channels = 4;
    const padding = Math.floor((dilation * (kernel - 1)) / 2);
    const outputs = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    await expectReference(device, {
      inputs: { x: [1, size, size, channels], w: [channels, 1, kernel, kernel] },
      body: (_graph, { x, w }) => ({
        y: convolution(x!, w!, null, { padding, stride, dilation, groups: channels, channels: 'last' }),
      }),
      reference: ({ x, w }) => {
        const y = new Float64Array(outputs * outputs * channels);
        for (let at = 0; at < y.length; at++) {
          const cell = Math.floor(at / channels);
          const [row, column, c] = [Math.floor(cell / outputs), cell % outputs, at % channels];
          for (let tap = 0; tap < kernel * kernel; tap++) {
            const i = stride * row + dilation * Math.floor(tap / kernel) - padding;
            const j = stride * column + dilation * (tap % kernel) - padding;
            if (i < 0 || j < 0 || i >= size || j >= size) continue;
            y[at]! += x![(i * size + j) * channels + c]! * w![c * kernel * kernel + tap]!;
          }
        }
        return { y };
      },
      gradients: ['x', 'w'],
      tolerance: 1e-5,
      gradientTolerance: 1e-4,
    });
  });
});
