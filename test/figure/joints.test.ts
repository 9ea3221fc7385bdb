// COCO's points as Human3.6M's joints, and gaps of a track that are bridged.
import { expect, test } from 'vitest';
import { bridgeGaps } from '../../src/figure/bridgeGaps';
import { human36mFromCoco } from '../../src/figure/cocoJoints';

test('pelvis, spine, thorax and head are means, the others one point each', () => {
  // Point p lies at (p, 2 p) and is certain by 1 - p / 100.
  const coco = Float32Array.from({ length: 51 }, (_, i) => {
    const point = Math.floor(i / 3);
    return [point, 2 * point, 1 - point / 100][i % 3]!;
  });
  const joints = human36mFromCoco(coco);
  const x = Array.from({ length: 17 }, (_, joint) => joints[joint * 3]!);
  expect(x).toEqual([11.5, 12, 14, 16, 11, 13, 15, 8.5, 5.5, 0, 1.5, 5, 7, 9, 6, 8, 10]);
  expect(joints[1]).toBe(23);
  // As certain as the least certain point.
  expect(joints[2]).toBeCloseTo(0.88);
  expect(joints[7 * 3 + 2]).toBeCloseTo(0.88);
});

test('a gap is a straight line in time and marked; an uncertain joint is placed by its neighbours', () => {
  const times = Float64Array.of(0, 1, 2, 4, 5);
  const frames = [1, 2, 4];
  const seen = new Float32Array(3 * 51).fill(0.9);
  const put = (i: number, joint: number, x: number, confidence: number) =>
    seen.set([x, -x, confidence], (i * 17 + joint) * 3);
  [10, 20, 50].forEach((x, i) => put(i, 0, x, 0.9));
  [10, 999, 50].forEach((x, i) => put(i, 1, x, i === 1 ? 0.1 : 0.9));
  const { points, bridged } = bridgeGaps(times, frames, seen, 0.2);
  expect([...bridged]).toEqual([1, 0, 0, 1, 0]);
  const xs = (joint: number) => times.reduce<number[]>((all, _, f) => [...all, points[(f * 17 + joint) * 3]!], []);
  expect(xs(0)).toEqual([10, 10, 20, 40, 50]);
  expect(xs(1)).toEqual([10, 10, 20, 40, 50]);
  const confidence = (frame: number, joint: number) => points[(frame * 17 + joint) * 3 + 2];
  expect([confidence(3, 0), confidence(2, 0), confidence(2, 1)]).toEqual([0, Math.fround(0.9), Math.fround(0.1)]);
});
