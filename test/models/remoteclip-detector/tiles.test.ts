// Tiles: they cover a picture, keep the boxes that they show, and what they find is one list again.
import { describe, expect, it } from 'vitest';
import type { Corners } from '../../../src/metrics/judgedBoxes';
import { mergeTiles, seenBox, tileGrid } from '../../../src/models/remoteclip-detector/tiles';

const options = { iouThreshold: 0.5, most: 100 };

describe('a grid of tiles', () => {
  it.each([
    [800, 600, 224],
    [224, 224, 224],
    [300, 100, 224],
    [1000, 999, 160],
  ])('covers %d x %d with tiles of %d px that overlap and stay inside', (width, height, side) => {
    const tiles = tileGrid({ width, height }, side, 0.25);
    const own = Math.min(side, width, height);
    for (const tile of tiles) {
      expect([tile.width, tile.height]).toEqual([own, own]);
      expect(tile.x >= 0 && tile.y >= 0 && tile.x + own <= width && tile.y + own <= height).toBe(true);
    }
    const starts = [...new Set(tiles.map(({ x }) => x))].sort((a, b) => a - b);
    expect([starts[0], starts.at(-1)]).toEqual([0, width - own]);
    for (let k = 1; k < starts.length; k++) expect(starts[k]! - starts[k - 1]!).toBeLessThanOrEqual(own * 0.75 + 1);
  });
});

describe('a box seen by a training tile', () => {
  const rect = { x: 100, y: 50, width: 100, height: 100 };
  const box: Corners = [110, 60, 150, 80];
  const seen = (flip: boolean, turn: 0 | 90 | 180 | 270, of = box): Corners | null =>
    seenBox(of, { rect, flip, turn }, 0.3);

  it('moves with the picture as its points do', () => {
    for (const flip of [false, true]) {
      for (const turn of [0, 90, 180, 270] as const) {
        // Corners of the box in shares of the tile, mirrored, then turned clockwise by quarters.
        const corners = [
          [0.1, 0.1],
          [0.5, 0.3],
        ].map(([x, y]) => {
          let [u, v] = [flip ? 1 - x! : x!, y!];
          for (let quarter = 0; quarter < turn / 90; quarter++) [u, v] = [1 - v, u];
          return [u, v];
        });
        const [xs, ys] = [corners.map(([u]) => u!), corners.map(([, v]) => v!)];
        const wanted = [
          (xs[0]! + xs[1]!) / 2,
          (ys[0]! + ys[1]!) / 2,
          Math.abs(xs[1]! - xs[0]!),
          Math.abs(ys[1]! - ys[0]!),
        ];
        seen(flip, turn)!.forEach((value, k) => expect(value).toBeCloseTo(wanted[k]!, 9));
      }
    }
  });

  it('is cut at the edge, and left out where too little is left', () => {
    const cut = seen(false, 0, [180, 60, 220, 80])!;
    [0.9, 0.2, 0.2, 0.2].forEach((value, k) => expect(cut[k]).toBeCloseTo(value, 9));
    expect(seen(false, 0, [190, 60, 230, 80])).toBeNull();
    expect(seen(false, 0, [300, 60, 330, 80])).toBeNull();
  });
});

describe('tiles that are joined', () => {
  const size = { width: 150, height: 100 };
  const tiles = [
    { x: 0, y: 0, width: 100, height: 100 },
    { x: 50, y: 0, width: 100, height: 100 },
  ] as const;
  const found = (box: Corners, score = 0.9, category = 0) => ({ box, score, category });

  it('give one box for a thing that two of them see whole', () => {
    const joined = mergeTiles(
      [
        { tile: tiles[0], found: [found([60, 20, 90, 40], 0.8)] },
        { tile: tiles[1], found: [found([10, 21, 40, 41], 0.9)] },
      ],
      size,
      options,
    );
    expect(joined).toEqual([found([60, 21, 90, 41], 0.9)]);
  });

  it('drop the part of a thing that a seam cuts, though its score is higher', () => {
    const joined = mergeTiles(
      [
        { tile: tiles[0], found: [found([80, 20, 100, 40], 0.95)] },
        { tile: tiles[1], found: [found([30, 20, 90, 40], 0.7)] },
      ],
      size,
      options,
    );
    expect(joined).toEqual([found([80, 20, 140, 40], 0.7)]);
  });

  it('keep what touches the picture’s own edge, other classes and what lies apart', () => {
    const all = [found([0, 0, 20, 20], 0.9), found([0, 0, 20, 20], 0.8, 1), found([40, 40, 60, 60], 0.7)];
    expect(mergeTiles([{ tile: tiles[0], found: all }], size, options)).toEqual(all);
  });

  it('lists the best ones first and no more than asked for', () => {
    const all = Array.from({ length: 5 }, (_, k) => found([k * 20, 0, k * 20 + 10, 10], k / 10));
    const joined = mergeTiles([{ tile: tiles[0], found: all }], size, { ...options, most: 2 });
    expect(joined.map(({ score }) => score)).toEqual([0.4, 0.3]);
  });
});
