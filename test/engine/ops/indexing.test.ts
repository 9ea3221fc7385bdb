// Reads by index, running sums, extremes and k-th largest entries against plain loops.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causalConv1d } from '../../../src/engine/ops/causalConv1d';
import { cumulativeSum } from '../../../src/engine/ops/cumulativeSum';
import { max, min } from '../../../src/engine/ops/extremes';
import { embedding } from '../../../src/engine/ops/gather';
import { kthLargest } from '../../../src/engine/ops/kthLargest';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { runGraph, targets } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

describe('kthLargest', () => {
  it.each([
    [1, 1],
    [7, 4],
    [257, 16],
  ])('finds the entry in rows of %d, k %d, and counts ties separately', async (columns, k) => {
    await expectReference(device, {
      inputs: { x: [65, columns] },
      // Coarse values: many ties.
      values: { x: (value) => Math.round(value * 8) },
      body: (_graph, { x }) => ({ y: kthLargest(x!, k) }),
      reference: ({ x }) => ({
        y: Float64Array.from(
          { length: 65 },
          (_, row) => [...x!.subarray(row * columns, (row + 1) * columns)].sort((a, b) => b - a)[k - 1]!,
        ),
      }),
      tolerance: 0,
    });
  });
});

describe('causalConv1d', () => {
  it.each([
    [3, 9, 8],
    [2, 65, 5],
    [1, 2, 4],
  ])('looks back only within its row, [%d, %d, %d]', async (rows, positions, channels) => {
    await expectReference(device, {
      inputs: { u: [rows, positions, channels], weight: [channels, 1, 4], bias: [channels] },
      body: (_graph, { u, weight, bias }) => ({ y: causalConv1d(u!, weight!, bias) }),
      reference: ({ u, weight, bias }) => ({
        y: u!.map((_, at) => {
          const [c, p] = [at % channels, Math.floor(at / channels) % positions];
          let sum = bias![c]!;
          for (let i = 0; i < 4; i++) if (p - 3 + i >= 0) sum += weight![c * 4 + i]! * u![at + (i - 3) * channels]!;
          return sum;
        }),
      }),
      gradients: ['u', 'weight', 'bias'],
    });
  });
});

describe('cumulativeSum and extremes', () => {
  it('runs along any axis', async () => {
    await expectReference(device, {
      inputs: { x: [3, 65, 4] },
      body: (_graph, { x }) => ({ sums: cumulativeSum(x!, 1), most: max(x!, [1]), least: min(x!, [0, 2]) }),
      reference({ x }) {
        const sums = x!.map((_, at) => {
          let sum = 0;
          for (let k = Math.floor(at / 4) % 65, i = at; k >= 0; k--, i -= 4) sum += x![i]!;
          return sum;
        });
        const most = new Float64Array(12).fill(-Infinity);
        const least = new Float64Array(65).fill(Infinity);
        x!.forEach((value, at) => {
          const [row, k, c] = [Math.floor(at / 260), Math.floor(at / 4) % 65, at % 4];
          most[row * 4 + c] = Math.max(most[row * 4 + c]!, value);
          least[k] = Math.min(least[k]!, value);
        });
        return { sums, most, least };
      },
      gradients: ['x'],
    });
  });
});

describe('embedding', () => {
  it('adds up the gradients of a row that is read twice, and none for the padding', async () => {
    const weight = Float32Array.from({ length: 15 }, (_, i) => i);
    const index = Uint32Array.from([4, 0, 4, 2]);
    const flow = Float32Array.from({ length: 12 }, (_, i) => i + 1);
    for (const { name, target } of targets(device)) {
      const { outputs, gradients } = await runGraph(
        device,
        target,
        { weight: { shape: [5, 3], data: weight }, index: { shape: [4], data: index } },
        (_graph, given) => ({ y: embedding(given['weight']!, given['index']!, 0) }),
        { y: flow },
        ['weight'],
      );
      expect([...outputs['y']!], name).toEqual([12, 13, 14, 0, 1, 2, 12, 13, 14, 6, 7, 8]);
      expect([...gradients['weight']!], name).toEqual([0, 0, 0, 0, 0, 0, 10, 11, 12, 0, 0, 0, 8, 10, 12]);
    }
  });

  it.each([null, 7])('adds them up in order in a large table too, padding %s', async (padding) => {
    const [entries, channels, count] = [2100, 64, 48];
    const index = Uint32Array.from({ length: count }, (_, k) => [7, 2099, (37 * k) % 11, 0][k % 4]!);
    const flow = Float32Array.from(hashValues('flow', count * channels));
    const expected = new Float32Array(entries * channels);
    index.forEach((entry, k) => {
      for (let c = 0; c < channels && entry !== padding; c++)
        expected[entry * channels + c] = expected[entry * channels + c]! + flow[k * channels + c]!;
    });
    const weight = new Float32Array(entries * channels);
    for (const { name, target } of targets(device)) {
      const { gradients } = await runGraph(
        device,
        target,
        { weight: { shape: [entries, channels], data: weight }, index: { shape: [count], data: index } },
        (_graph, given) => ({ y: embedding(given['weight']!, given['index']!, padding) }),
        { y: flow },
        ['weight'],
      );
      expect(
        gradients['weight']!.every((one, at) => one === expected[at]),
        name,
      ).toBe(true);
    }
  });
});
