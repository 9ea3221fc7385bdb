// Resizing against float64 loops that follow torch's definitions output by output.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import { interpolate } from '../../../src/engine/ops/interpolate';
import type { Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

type Options = Omit<Parameters<typeof interpolate>[1], 'axes'>;

/** One output of a resized line. */
function sample(
  line: readonly number[],
  outputs: number,
  o: number,
  { mode, alignCorners, antialias }: Options,
): number {
  const n = line.length;
  const at = (k: number): number => line[Math.min(Math.max(k, 0), n - 1)]!;
  if (mode === 'nearest') return at(Math.floor((o * n) / outputs));
  if (antialias && n > outputs) {
    const reach = n / outputs;
    const centre = (o + 0.5) * reach;
    let [sum, total] = [0, 0];
    for (let k = 0; k < n; k++) {
      const weight = Math.max(0, 1 - Math.abs(k + 0.5 - centre) / reach);
      sum += weight * line[k]!;
      total += weight;
    }
    return sum / total;
  }
  const source = alignCorners ? (outputs > 1 ? (o * (n - 1)) / (outputs - 1) : 0) : ((o + 0.5) * n) / outputs - 0.5;
  const reach = mode === 'cubic' ? 2 : 1;
  const weight = (d: number): number => {
    if (mode === 'linear') return Math.max(0, 1 - d);
    if (d <= 1) return 1.25 * d ** 3 - 2.25 * d ** 2 + 1;
    return d < 2 ? -0.75 * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
  };
  let sum = 0;
  for (let k = Math.floor(source) - reach; k <= Math.floor(source) + reach + 1; k++)
    sum += weight(Math.abs(source - k)) * at(k);
  return sum;
}

function resize(x: Float64Array, shape: Shape, options: Options, axes: readonly number[]): Float64Array {
  let values: ArrayLike<number> = x;
  const now = [...shape];
  axes.forEach((axis, k) => {
    const [inputs, outputs] = [now[axis]!, options.size[k]!];
    const inner = now.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = values.length / inner / inputs;
    const from = values;
    const next = new Float64Array(outer * outputs * inner);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const line = Array.from({ length: inputs }, (_, c) => from[(o * inputs + c) * inner + i]!);
        for (let row = 0; row < outputs; row++)
          next[(o * outputs + row) * inner + i] = sample(line, outputs, row, options);
      }
    values = next;
    now[axis] = outputs;
  });
  return Float64Array.from(values);
}

describe('interpolate', () => {
  const cases: [Shape, Options, number[]][] = [
    [[2, 3, 7], { mode: 'linear', size: [65] }, [2]],
    [[1, 2, 5, 7], { mode: 'linear', size: [11, 3], alignCorners: true }, [2, 3]],
    [[1, 2, 13, 11], { mode: 'linear', size: [5, 17], antialias: true }, [2, 3]],
    [[1, 3, 5, 4, 3], { mode: 'linear', size: [7, 2, 5] }, [2, 3, 4]],
    [[2, 7, 5, 4], { mode: 'cubic', size: [4, 9] }, [1, 2]],
    [[1, 1, 257], { mode: 'cubic', size: [65], alignCorners: true }, [2]],
    [[1, 7, 9, 8], { mode: 'nearest', size: [17, 3] }, [1, 2]],
    [[1, 1, 1, 6], { mode: 'linear', size: [4, 1], alignCorners: true }, [2, 3]],
  ];
  it.each(cases)('of %j with %j along %j follows torch', async (shape, options, axes) => {
    await expectReference(device, {
      inputs: { x: shape },
      body: (_graph, { x }) => ({ y: interpolate(x!, { ...options, axes }) }),
      reference: ({ x }) => ({ y: resize(x!, shape, options, axes) }),
      gradients: ['x'],
    });
  });

  it('names sizes that are not one for each axis', () => {
    const x = new Graph().input('x', [1, 2, 5, 7]);
    expect(() => interpolate(x, { mode: 'linear', size: [3] })).toThrow('wants one size for each of the axes [2, 3]');
  });
});
