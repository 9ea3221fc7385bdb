// From points to actions: rounding as Python's, what is left out, clamping, and suppression class by class.
import { describe, expect, it } from 'vitest';
import { pointLevels } from '../../../src/models/adatad/points';
import {
  recordedRules,
  roundDecimals,
  suppressSoftly,
  videoDetections,
  windowDetections,
  type Detection,
} from '../../../src/models/adatad/results';

const levels = pointLevels(4, 2);
const clock = { framesPerSecond: 10, durationSeconds: 2 };
const place = { firstFrame: 8, snippets: 4, stride: 4 };

/** Points of the given scores (two classes); everything else says nothing. */
function output(scores: Readonly<Record<number, [number, number]>>, distances: readonly [number, number]) {
  const all = { scores: new Float32Array(6 * 2), distances: new Float32Array(6 * 2) };
  for (let point = 0; point < 6; point++) all.distances.set(distances, point * 2);
  for (const [point, both] of Object.entries(scores)) all.scores.set(both, Number(point) * 2);
  return all;
}

describe('roundDecimals', () => {
  it.each([
    [0.125, 2, 0.12],
    [0.375, 2, 0.38],
    [2.675, 2, 2.67],
    [0.33335, 4, 0.3334],
    [7, 2, 7],
  ])('%d to %d decimals is %d', (value, decimals, wanted) => {
    // Python: round(np.float32(value).item(), decimals)
    expect(roundDecimals(Math.fround(value), decimals)).toBe(wanted);
  });
});

describe('windowDetections', () => {
  it('places points of all levels in seconds, best first', () => {
    const found = windowDetections(output({ 1: [0.2, 0], 5: [0, 0.7] }, [0.5, 1]), levels, place, clock);
    // Point 1 of the first level lies at snippet 1, point 1 of the second at snippet 2 and reaches twice as far.
    expect(found).toEqual([
      { segment: [1.2, 2], label: 1, score: 0.7 },
      { segment: [1, 1.6], label: 0, score: 0.2 },
    ]);
  });

  it('leaves out low scores and points of frames that are not there', () => {
    const found = windowDetections(
      output({ 0: [0.001, 0.0011], 3: [0.9, 0.9], 5: [0.9, 0.9] }, [0, 0]),
      levels,
      { ...place, snippets: 2 },
      clock,
    );
    expect(found.map(({ label, score }) => [label, score])).toEqual([[1, 0.0011]]);
  });

  it('keeps no more than the rules say', () => {
    const rules = { ...recordedRules, most: 1 };
    expect(windowDetections(output({ 0: [0.3, 0.4] }, [1, 1]), levels, place, clock, rules)).toHaveLength(1);
  });
});

describe('videoDetections', () => {
  const one = (start: number, end: number, label: number, score: number): Detection => ({
    segment: [start, end],
    label,
    score,
  });

  it('lowers the score of what overlaps a better one of its class only', () => {
    const found = videoDetections([[one(0, 10, 0, 0.9), one(0, 10, 1, 0.8)], [one(0, 10, 0, 0.7)]]);
    expect(found.map(({ label, score }) => [label, score])).toEqual([
      [0, 0.9],
      [1, 0.8],
      [0, roundDecimals(0.7 * Math.exp(-1 / 0.7), 4)],
    ]);
  });

  it('suppresses nothing that lies apart', () => {
    expect(suppressSoftly([one(0, 1, 0, 0.5), one(1, 2, 0, 0.25)], 0.7).map(({ score }) => score)).toEqual([0.5, 0.25]);
  });
});
