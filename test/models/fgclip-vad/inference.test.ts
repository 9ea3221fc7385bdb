// Long videos in windows, incidents out of curves, boxes out of heat maps.
import { describe, expect, it } from 'vitest';
import { heatMap, heatRange, hottestBox } from '../../../src/models/fgclip-vad/heatMap';
import { incidentsOf, smoothed } from '../../../src/models/fgclip-vad/incidents';
import { overWindows, windowStarts } from '../../../src/models/fgclip-vad/windows';

describe('windows', () => {
  it.each([
    [3, [0]],
    [4, [0]],
    [5, [0, 1]],
    [8, [0, 2, 4]],
    [9, [0, 2, 4, 5]],
  ])('of 4 by 2 over %i samples start at %j and leave none out', (samples, starts) => {
    expect(windowStarts(samples, { length: 4, stride: 2 })).toEqual(starts);
  });

  it('are averaged where they overlap, and cut at the end', () => {
    const parts = [
      { start: 0, values: [1, 10, 2, 20, 3, 30] },
      { start: 1, values: [4, 40, 5, 50, 99, 99] },
    ];
    expect([...overWindows(parts, 3, 2)]).toEqual([1, 10, 3, 30, 4, 40]);
  });
});

describe('incidents', () => {
  const options = { smooth: 1, high: 0.8, low: 0.4, gap: 1, shortest: 2 };

  it('reach down to the lower threshold, join over short gaps, and leave out what never gets high', () => {
    const curve = [0, 0.5, 0.9, 0.5, 0.3, 0.85, 0.5, 0, 0, 0.5, 0.6, 0, 0, 0.9, 0];
    expect(incidentsOf(curve, options)).toEqual([{ start: 1, end: 7, score: 0.9, peak: 2 }]);
    expect(incidentsOf(curve, { ...options, gap: 0, shortest: 1 }).map(({ start, end }) => [start, end])).toEqual([
      [1, 4],
      [5, 7],
      [13, 14],
    ]);
  });

  it('may last to the end of the video', () => {
    expect(incidentsOf([0, 0.9, 0.9], options)).toEqual([{ start: 1, end: 3, score: 0.9, peak: 1 }]);
  });

  it('smooths by shorter windows at the ends', () => {
    expect([...smoothed([3, 0, 0, 6], 3)]).toEqual([1.5, 1, 2, 3]);
  });
});

describe('heat maps', () => {
  it('are framed where they are at least half as hot as at their hottest', () => {
    const heat = heatMap(0.5, [0.1, 0.2, 0.1, 0.1, 0.6, 1, 0.1, 0.5]);
    expect(hottestBox(heat, 2, 4)).toEqual([0, 0.5, 1, 1]);
    expect(hottestBox(heatMap(1, [0, 0, 0, 0, 0, 1, 0, 0]), 2, 4)).toEqual([0.25, 0.5, 0.5, 1]);
    expect(heatRange(heat)).toEqual([Math.fround(0.05), 0.5]);
  });
});
