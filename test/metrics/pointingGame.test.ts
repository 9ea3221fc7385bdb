// Where a heat map points, and stretches of time where nothing is recorded.
import { describe, expect, it } from 'vitest';
import { pointingGame, pointsAtBox } from '../../src/metrics/pointingGame';
import { stretchAp, stretchesOf } from '../../src/metrics/stretchAp';

describe('pointing', () => {
  const heat = [0, 0, 0, 0, 0, 0.9, 0, 0.2];

  it('looks at the centre of the largest cell', () => {
    const frame = { heat, rows: 2, columns: 4 };
    expect(pointsAtBox({ ...frame, boxes: [[0.3, 0.7, 0.4, 0.8]] })).toBe(true);
    expect(pointsAtBox({ ...frame, boxes: [[0.3, 0.7, 0.37, 0.8]] })).toBe(false);
    expect(
      pointsAtBox({
        ...frame,
        boxes: [
          [0, 0, 0.1, 0.1],
          [0.25, 0.5, 0.5, 1],
        ],
      }),
    ).toBe(true);
  });

  it('leaves frames without boxes out', () => {
    const frame = { heat, rows: 2, columns: 4 };
    expect(pointingGame([{ ...frame, boxes: [] }])).toBeNull();
    expect(
      pointingGame([
        { ...frame, boxes: [] },
        { ...frame, boxes: [[0, 0, 1, 1]] },
      ]),
    ).toBe(1);
  });
});

describe('stretches', () => {
  const curve = [0, 0.9, 0.1, 0.9, 0.8, 0.7, 0, 0];
  const video = { frames: 8, at: (frame: number) => curve[frame]!, truth: [{ category: 0, stretch: [3, 6] as const }] };

  it('are runs of two frames or more', () => {
    expect(stretchesOf(video, 0).map(({ stretch }) => stretch)).toEqual([[3, 6]]);
  });

  it('hit each true one once', () => {
    expect(stretchAp([video], 0, 0.5)).toBe(1);
    expect(stretchAp([video], 1, 0.5)).toBe(0);
    expect(stretchAp([{ ...video, truth: [] }], 0, 0.5)).toBe(0);
  });
});
