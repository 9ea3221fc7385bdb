// Whether actions can be learnt: points around them, levels by duration, and the sampling that is proposed.
import { describe, expect, it } from 'vitest';
import { durationBins, instanceCoverage, proposeSampling } from '../../../src/models/adatad/coverage';
import { pointLevels, pointTargets, positivePoints } from '../../../src/models/adatad/points';

const levels = pointLevels(64, 3);
const action = (start: number, end: number, label = 0) => ({ segment: [start, end] as const, label });

describe('pointLevels', () => {
  it('halves the points and doubles the reach, the last one without end', () => {
    expect(levels).toEqual([
      { stride: 1, points: 64, range: [0, 4] },
      { stride: 2, points: 32, range: [4, 8] },
      { stride: 4, points: 16, range: [8, 10000] },
    ]);
    expect(pointLevels(768, 6).map(({ range }) => range)).toEqual([
      [0, 4],
      [4, 8],
      [8, 16],
      [16, 32],
      [32, 64],
      [64, 10000],
    ]);
  });
});

describe('pointTargets', () => {
  it('names all actions of one length, and measures to the first', () => {
    const { classes, distances } = pointTargets([action(10, 14, 1), action(10, 14.0005, 2)], levels, 3);
    const point = 12;
    expect([...classes.slice(point * 3, point * 3 + 3)]).toEqual([0, 1, 1]);
    expect([...distances.slice(point * 2, point * 2 + 2)]).toEqual([2, 2]);
  });

  it('gives the shorter of two actions the points that both could have', () => {
    const counts = positivePoints([action(8, 16), action(10, 14)], levels);
    expect(counts[1]).toBe(3);
    const alone = positivePoints([action(8, 16)], levels);
    expect(counts[0]).toBeLessThan(alone[0]!);
  });
});

describe('instanceCoverage', () => {
  it('finds the actions that no point falls into', () => {
    const video = { frames: 1000, segments: [action(401, 403), action(500, 540), action(600, 602.1)] };
    const points = instanceCoverage(video, { stride: 4, snippets: 64 }, levels).map((one) => one.points);
    expect(points[0]).toBe(0);
    expect(points[1]).toBeGreaterThan(0);
  });

  it('looks at an action that is longer than the window, and at a video that is shorter', () => {
    const long = instanceCoverage({ frames: 4000, segments: [action(0, 4000)] }, { stride: 4, snippets: 64 }, levels);
    expect(long[0]!.points).toBeGreaterThan(0);
    const brief = instanceCoverage({ frames: 40, segments: [action(8, 32)] }, { stride: 4, snippets: 64 }, levels);
    expect(brief[0]!.points).toBeGreaterThan(0);
  });
});

describe('durationBins', () => {
  it('counts every duration once', () => {
    const bins = durationBins([0.1, 1, 1.9, 2, 50], levels, 4);
    expect(bins.map(({ fromSeconds, toSeconds }) => [fromSeconds, toSeconds])).toEqual([
      [0, 2],
      [2, 4],
      [4, Infinity],
    ]);
    expect(bins.map(({ instances }) => instances)).toEqual([3, 1, 1]);
  });
});

describe('proposeSampling', () => {
  it('samples so that short actions keep a few snippets, and long ones fit', () => {
    expect(proposeSampling([0.5, 4, 8], 30)).toEqual({ stride: 4, snippets: 96, levels: 4 });
    expect(proposeSampling([0.1, 4], 30)).toEqual({ stride: 1, snippets: 192, levels: 5 });
  });

  it('takes at least two snippets a second, however long the actions are', () => {
    expect(proposeSampling([20, 60], 25)).toEqual({ stride: 8, snippets: 384, levels: 6 });
  });

  it('keeps to the longest window where actions do not fit together', () => {
    expect(proposeSampling([0.2, 600], 30)).toMatchObject({ stride: 2, snippets: 768, levels: 6 });
  });
});
