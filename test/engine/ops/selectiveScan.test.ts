// The selective scan against a float64 loop over positions, from one position to thousands.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, ShapeError } from '../../../src/engine/graph/graph';
import { scan } from '../../../src/engine/ops/scan';
import { selectiveScan } from '../../../src/engine/ops/selectiveScan';
import type { Shape } from '../../../src/engine/graph/tensor';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

interface Sizes {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly states: number;
}

/** y and the last state for step sizes dt, position by position. */
function recurrence(
  dt: Float64Array,
  u: Float64Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  { batch, length, channels, states }: Sizes,
): { y: Float64Array; lastState: Float64Array } {
  const y = new Float64Array(u.length);
  const lastState = new Float64Array(batch * channels * states);
  for (let entry = 0; entry < batch; entry++)
    for (let d = 0; d < channels; d++)
      for (let n = 0; n < states; n++) {
        let h = 0;
        for (let t = 0; t < length; t++) {
          const token = (entry * length + t) * channels + d;
          const column = (entry * length + t) * states + n;
          h = Math.exp(dt[token]! * a[d * states + n]!) * h + dt[token]! * u[token]! * b[column]!;
          y[token]! += c[column]! * h;
        }
        lastState[(entry * channels + d) * states + n] = h;
      }
  return { y, lastState };
}

function shapesOf({ batch, length, channels, states }: Sizes): Record<'dt' | 'u' | 'a' | 'b' | 'c', Shape> {
  const tokens = [batch, length, channels];
  const columns = [batch, length, states];
  return { dt: tokens, u: tokens, a: [channels, states], b: columns, c: columns };
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

describe('scan', () => {
  const cases: [number, number, number, number][] = [
    [3, 1, 5, 3],
    [2, 7, 3, 16],
    [2, 243, 5, 4],
    [1, 33, 65, 1],
    [1, 1024, 3, 5],
    [1, 40, 2, 64],
    [1, 4096, 2, 3],
  ];
  it.each(cases)('of %d x %d positions, %d channels, %d states keeps to the recurrence', async (...sizes) => {
    const [batch, length, channels, states] = sizes;
    const all = { batch, length, channels, states };
    await expectReference(device, {
      inputs: shapesOf(all),
      values: { dt: (value) => 0.3 * (value + 1.01), a: (value) => -2 * (value + 1.01) },
      body: (_graph, { dt, u, a, b, c }) => ({ ...scan(dt!, u!, a!, b!, c!) }),
      reference: ({ dt, u, a, b, c }) => recurrence(dt!, u!, a!, b!, c!, all),
      gradients: ['dt', 'u', 'a', 'b', 'c'],
      quick: length > 16,
      tolerance: 4e-6,
    });
  });

  it('gives gradients where only the last state or only y counts', async () => {
    const all = { batch: 2, length: 21, channels: 3, states: 2 };
    for (const one of ['y', 'lastState'] as const) {
      await expectReference(device, {
        inputs: shapesOf(all),
        values: { dt: (value) => 0.3 * (value + 1.01), a: (value) => -2 * (value + 1.01) },
        body: (_graph, { dt, u, a, b, c }) => ({ [one]: scan(dt!, u!, a!, b!, c!)[one] }),
        reference: ({ dt, u, a, b, c }) => ({ [one]: recurrence(dt!, u!, a!, b!, c!, all)[one] }),
        gradients: one === 'y' ? ['dt', 'u', 'a', 'b', 'c'] : ['dt', 'u', 'a', 'b'],
        quick: true,
      });
    }
  });

  it('names the tensor that does not fit', () => {
    const graph = new Graph();
    const input = (name: string, shape: Shape) => graph.input(name, shape);
    const [dt, b] = [input('dt', [2, 9, 5]), input('b', [2, 9, 4])];
    const a = input('a', [5, 4]);
    expect(() => scan(dt, input('u', [2, 9, 6]), a, b, b)).toThrow(ShapeError);
    expect(() => scan(dt, input('u', [2, 9, 6]), a, b, b)).toThrow('wants u [2, 9, 5], got [2, 9, 6]');
    expect(() => scan(dt, dt, input('a', [4, 4]), b, b)).toThrow('wants A [5, 4], got [4, 4]');
    expect(() => scan(dt, dt, input('a', [5, 3]), b, b)).toThrow('wants B and C together [2, 9, 6], got [2, 9, 8]');
  });
});

describe('selectiveScan', () => {
  it('adds the bias, the skip connection and the gate', async () => {
    const all = { batch: 2, length: 19, channels: 3, states: 4 };
    const { dt: delta, ...shapes } = shapesOf(all);
    await expectReference(device, {
      inputs: { ...shapes, delta, z: delta, d: [3], bias: [3] },
      values: { a: (value) => -2 * (value + 1.01) },
      body: (_graph, { u, delta, a, b, c, d, z, bias }) => ({
        ...selectiveScan(u!, delta!, a!, b!, c!, { d: d!, z: z!, deltaBias: bias!, deltaSoftplus: true }),
      }),
      reference({ u, delta, a, b, c, d, z, bias }) {
        const dt = delta!.map((value, k) => softplus(value + bias![k % 3]!));
        const { y, lastState } = recurrence(dt, u!, a!, b!, c!, all);
        return {
          y: y.map((value, k) => (value + d![k % 3]! * u![k]!) * (z![k]! / (1 + Math.exp(-z![k]!)))),
          lastState,
        };
      },
      gradients: ['u', 'delta', 'a', 'b', 'c', 'd', 'z', 'bias'],
      quick: true,
      gradientTolerance: 4e-5,
    });
  });
});
