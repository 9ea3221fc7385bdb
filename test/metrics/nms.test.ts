// Suppression of overlapping detections: ties, missing numbers, nothing at all, and the softened form.
import { describe, expect, it } from 'vitest';
import { boxIou } from '../../src/metrics/boxIou';
import { nms, softNms, type Overlap } from '../../src/metrics/nms';

function segments(ends: readonly (readonly [number, number])[]): Overlap {
  const flat = Float32Array.from(ends.flat());
  return (i, j) => boxIou(flat, i, flat, j, 1);
}

describe('boxIou', () => {
  it('measures boxes and segments', () => {
    expect(boxIou([0, 0, 2, 2, 1, 1, 3, 3], 0, [0, 0, 2, 2, 1, 1, 3, 3], 1, 2)).toBeCloseTo(1 / 7, 12);
    expect(boxIou([0, 4], 0, [1, 2, 1, 6], 1, 1)).toBeCloseTo(3 / 6, 12);
    expect(boxIou([0, 0, 1, 1], 0, [1, 0, 2, 1], 0, 2)).toBe(0);
  });

  it('is 0 where nothing has an area or a number is missing', () => {
    expect(boxIou([1, 1, 1, 1], 0, [1, 1, 1, 1], 0, 2)).toBe(0);
    expect(boxIou([0, NaN], 0, [0, 1], 0, 1)).toBe(0);
  });
});

describe('nms', () => {
  it('keeps the better of two and what overlaps only the dropped one', () => {
    const overlap = segments([
      [0, 10],
      [3, 13],
      [7, 17],
    ]);
    expect(nms([0.9, 0.8, 0.7], overlap, 0.4)).toEqual([0, 2]);
  });

  it('keeps an overlap of exactly the threshold', () => {
    const overlap = segments([
      [0, 2],
      [1, 2],
    ]);
    expect(nms([1, 0.5], overlap, 0.5)).toEqual([0, 1]);
    expect(nms([1, 0.5], overlap, 0.49)).toEqual([0]);
  });

  it('takes equal scores in their order', () => {
    expect(nms([0.5, 0.7, 0.5, 0.7], () => 0, 0.5)).toEqual([1, 3, 0, 2]);
    expect(nms([0.5, 0.5, 0.5], () => 1, 0.5)).toEqual([0]);
  });

  it('leaves out scores that are no numbers, and lets boxes that are none overlap nothing', () => {
    expect(nms([NaN, 0.2, NaN, 0.4], () => 0, 0.5)).toEqual([3, 1]);
    const overlap = segments([
      [NaN, 1],
      [0, 1],
      [0, 1],
    ]);
    expect(nms([0.9, 0.8, 0.7], overlap, 0.5)).toEqual([0, 1]);
  });

  it('finds nothing in nothing', () => {
    expect(nms([], () => 1, 0.5)).toEqual([]);
    expect(softNms([], () => 1, { sigma: 0.5, minScore: 0 })).toEqual({ indices: [], scores: [] });
  });
});

describe('softNms', () => {
  it('lowers scores by the overlap with each one taken', () => {
    const { indices, scores } = softNms([0.6, 0.9, 0.8], (i, j) => (i + j === 3 ? 0.5 : 0.2), {
      sigma: 0.7,
      minScore: 0,
    });
    const [near, far] = [Math.exp(-0.25 / 0.7), Math.exp(-0.04 / 0.7)];
    expect(indices).toEqual([1, 0, 2]);
    expect(scores[0]).toBe(0.9);
    expect(scores[1]).toBeCloseTo(0.6 * far, 12);
    expect(scores[2]).toBeCloseTo(0.8 * near * far, 12);
  });

  it('ends when the best one left is too low', () => {
    const options = { sigma: 0.5, minScore: 0.3 };
    expect(softNms([0.2, 0.9, 0.3], () => 0, options)).toEqual({ indices: [1, 2], scores: [0.9, 0.3] });
  });

  it('ends when enough are taken, with the scores that they have then', () => {
    const options = { sigma: 0.5, minScore: 0 };
    const all = softNms([0.6, 0.9, 0.8, 0.7], () => 0.5, options);
    const two = softNms([0.6, 0.9, 0.8, 0.7], () => 0.5, { ...options, most: 2 });
    expect(two).toEqual({ indices: all.indices.slice(0, 2), scores: all.scores.slice(0, 2) });
  });

  it('takes the first standing of equal scores, after the swaps so far', () => {
    // Taking 2 puts 0 in its place, behind 1.
    const { indices } = softNms([0.5, 0.5, 0.9, NaN], () => 0, { sigma: 0.5, minScore: 0 });
    expect(indices).toEqual([2, 1, 0]);
  });

  it('leaves the given scores alone', () => {
    const scores = Float32Array.of(1, 0.5);
    softNms(scores, () => 1, { sigma: 0.5, minScore: 0 });
    expect([...scores]).toEqual([1, 0.5]);
  });
});
