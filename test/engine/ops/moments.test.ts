// Mean, variance and batch norm against float64 loops: few and many outputs, any axis, means far from zero.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { batchNorm } from '../../../src/engine/ops/batchNorm';
import { moments } from '../../../src/engine/ops/moments';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { sizeOf, type Shape } from '../../../src/engine/graph/tensor';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** Which entry of the kept axis each element belongs to, and mean and biased variance of each. */
function statistics(x: Float64Array, shape: Shape, axis: number) {
  const inner = sizeOf(shape.slice(axis + 1));
  const channels = shape[axis]!;
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  const count = x.length / channels;
  x.forEach((value, i) => (mean[channelOf(i)]! += value / count));
  x.forEach((value, i) => (variance[channelOf(i)]! += (value - mean[channelOf(i)]!) ** 2 / count));
  return { channelOf, mean, variance, count };
}

const others = (shape: Shape, axis: number): number[] => shape.map((_, k) => k).filter((k) => k !== axis);

describe('moments', () => {
  const cases: [Shape, number, number][] = [
    [[1, 7], 0, 0],
    [[65, 3], 1, 40],
    [[2, 9, 5, 8], 2, 0],
    [[257, 4, 17], 1, 10],
    [[3, 4100], 0, 100],
  ];
  it.each(cases)('of %j kept along axis %d are right at offset %d', async (shape, axis, offset) => {
    await expectReference(device, {
      inputs: { x: shape },
      values: { x: (value) => value + offset },
      body: (_graph, { x }) => ({ ...moments(x!, others(shape, axis)) }),
      reference: ({ x }) => {
        const { mean, variance } = statistics(x!, shape, axis);
        return { mean, variance };
      },
      gradients: ['x'],
      tolerance: 1e-6,
    });
  });
});

describe('batchNorm', () => {
  const cases: [Shape, number, number][] = [
    [[2, 9, 17, 8], 2, 0],
    [[2, 9, 5, 4], 1, 20],
    [[65, 7], 1, 0],
  ];
  it.each(cases)('normalises %j along axis %d at offset %d', async (shape, axis, offset) => {
    const channels = shape[axis]!;
    await expectReference(device, {
      inputs: { x: shape, weight: [channels], bias: [channels], oldMean: [channels], oldVariance: [channels] },
      values: { x: (value) => value + offset, weight: (value) => 1 + value / 2 },
      body(_graph, { x, weight, bias, oldMean, oldVariance }) {
        const options = { axis, training: true, momentum: 0.1, epsilon: 1e-5 };
        const { y, newRunningMean, newRunningVar } = batchNorm(x!, weight!, bias!, oldMean!, oldVariance!, options);
        return { y, newRunningMean, newRunningVar };
      },
      reference({ x, weight, bias, oldMean, oldVariance }) {
        const { channelOf, mean, variance, count } = statistics(x!, shape, axis);
        const y = x!.map((value, i) => {
          const c = channelOf(i);
          return ((value - mean[c]!) / Math.sqrt(variance[c]! + 1e-5)) * weight![c]! + bias![c]!;
        });
        return {
          y,
          newRunningMean: oldMean!.map((old, c) => 0.9 * old + 0.1 * mean[c]!),
          newRunningVar: oldVariance!.map((old, c) => 0.9 * old + (0.1 * variance[c]! * count) / (count - 1)),
        };
      },
      // The running statistics carry no gradient: only y is differentiated.
      differentiated: ['y'],
      gradients: ['x', 'weight', 'bias'],
      tolerance: 1e-5,
      gradientTolerance: offset > 0 ? 3e-4 : 3e-5,
    });
  });
});
