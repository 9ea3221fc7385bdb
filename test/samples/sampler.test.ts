// Each epoch takes every clip once, in an order that depends on seed and epoch alone.
import { expect, it } from 'vitest';
import { batchClips, batchesPerEpoch, epochOrder } from '../../src/samples/sampler';

it('shuffles every clip once', () => {
  const order = epochOrder(257, 42, 1);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 257 }, (_, i) => i));
  expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
});

it('gives the same order for the same seed and epoch, another for others', () => {
  expect(epochOrder(50, 42, 3)).toEqual(epochOrder(50, 42, 3));
  expect(epochOrder(50, 42, 3)).not.toEqual(epochOrder(50, 42, 4));
  expect(epochOrder(50, 42, 3)).not.toEqual(epochOrder(50, 43, 3));
});

it('shuffles without favour', () => {
  const places = new Array<number>(4).fill(0);
  for (let epoch = 1; epoch <= 4000; epoch += 1) places[epochOrder(4, 1, epoch).indexOf(0)]! += 1;
  for (const count of places) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

it('drops the last batch where it is short, and repeats clips where there are fewer than one batch', () => {
  expect(batchesPerEpoch(17, 8)).toBe(2);
  expect(batchesPerEpoch(16, 8)).toBe(2);
  expect(batchesPerEpoch(3, 8)).toBe(1);
  const order = Uint32Array.of(2, 0, 1);
  expect(batchClips(order, 8, 0)).toEqual([2, 0, 1, 2, 0, 1, 2, 0]);
  expect(batchClips(Uint32Array.of(4, 3, 2, 1, 0), 2, 1)).toEqual([2, 1]);
});
