// From maps to boxes and joints, and from picture to picture: made-up maps with known answers.
import { describe, expect, test } from 'vitest';
import { blended, readBlazeFace } from '../../src/finders/blazeFace';
import { follow, type FoundAt } from '../../src/finders/follow';
import { allPoses, middlePose, type MoveNetMaps } from '../../src/finders/moveNet';
import { pictureSquares, spaced } from '../../src/finders/pictures';
import type { Found } from '../../src/finders/found';

const found = (x: number, y: number, side: number, score = 0.9): Found => ({
  box: { x, y, width: side, height: side },
  score,
});

describe('BlazeFace', () => {
  const empty = () => ({
    scores: [new Float32Array(512).fill(-9), new Float32Array(384).fill(-9)],
    boxes: [new Float32Array(8192), new Float32Array(6144)],
  });

  test('a box lies around the middle of its cell', () => {
    const { scores, boxes } = empty();
    // Row 3, column 5 of the coarse layer, its fourth anchor.
    const at = (3 * 8 + 5) * 6 + 3;
    scores[1]![at] = 3;
    boxes[1]!.set([16, -8, 64, 32], at * 16);
    const [face, ...others] = readBlazeFace(scores, boxes, 0.5);
    expect(others).toEqual([]);
    expect(face!.score).toBeCloseTo(1 / (1 + Math.exp(-3)));
    expect(face!.box.x).toBeCloseTo(5.5 / 8 + 16 / 256 - 0.125);
    expect(face!.box.y).toBeCloseTo(3.5 / 8 - 8 / 256 - 0.0625);
    expect(face!.box).toMatchObject({ width: 0.25, height: 0.125 });
  });

  test('boxes of one face become their mean by score; another stays', () => {
    const faces = blended([found(0, 0, 10, 0.9), found(2, 0, 10, 0.3), found(50, 0, 10, 0.5)], 0.3);
    expect(faces.map(({ box }) => box.x)).toEqual([0.5, 50]);
  });
});

describe('MoveNet', () => {
  const mapsWith = (people: readonly (readonly [row: number, column: number, score: number])[]): MoveNetMaps => {
    const maps = {
      middles: new Float32Array(48 * 48),
      joints: new Float32Array(48 * 48 * 17),
      regress: new Float32Array(48 * 48 * 34),
      offsets: new Float32Array(48 * 48 * 34),
    };
    for (const [row, column, score] of people) {
      const middle = row * 48 + column;
      maps.middles[middle] = score;
      for (let joint = 0; joint < 17; joint++) {
        // Joint j lies j - 8 columns beside the middle, two rows up; its map is highest one row further.
        maps.regress.set([-2, joint - 8], (middle * 17 + joint) * 2);
        const cell = (row - 3) * 48 + column + joint - 8;
        maps.joints[cell * 17 + joint] = 0.8;
        maps.offsets.set([0.25, 0.5], (cell * 17 + joint) * 2);
      }
    }
    return maps;
  };

  test('a joint is where its map is high near where the middle says, and within its cell', () => {
    const { points } = middlePose(mapsWith([[30, 20, 0.9]]));
    expect(Array.from(points.subarray(0, 3))).toEqual([
      expect.closeTo((20 - 8 + 0.5) / 48),
      expect.closeTo((27 + 0.25) / 48),
      expect.closeTo(0.8),
    ]);
    expect(points[16 * 3]).toBeCloseTo((20 + 8 + 0.5) / 48);
  });

  test('several people come by how certain they are; the one in the middle is the middle one', () => {
    const maps = mapsWith([
      [24, 10, 0.9],
      [24, 26, 0.5],
      [24, 38, 0.05],
    ]);
    expect(allPoses(maps, 0.1).map(({ score }) => score)).toEqual([expect.closeTo(0.9), expect.closeTo(0.5)]);
    expect(middlePose(maps).score).toBeCloseTo(0.5);
  });
});

describe('following', () => {
  const rules = { begin: 0.7, goOn: 0.4, gapSeconds: 0.5, leastTimes: 3, overlap: 0.15 };
  const over = (count: number, at: (i: number) => Found[]): FoundAt[] =>
    Array.from({ length: count }, (_, i) => ({ frame: 3 * i, seconds: i / 10, found: at(i) }));

  test('two that pass each other keep who they are', () => {
    const tracks = follow(
      over(20, (i) => [found(10 * i, 0, 30), found(190 - 10 * i, 20, 30)]),
      rules,
    );
    expect(tracks.map(({ items }) => items.at(-1)!.box.x)).toEqual([190, 0]);
    expect(tracks[0]!.frames).toEqual(Array.from({ length: 20 }, (_, i) => 3 * i));
  });

  test('a short gap is bridged, a long one ends it, and a glimpse is none', () => {
    const gone = (from: number, until: number) => (i: number) => (i >= from && i < until ? [] : [found(5 * i, 0, 40)]);
    expect(follow(over(20, gone(5, 9)), rules)).toHaveLength(1);
    expect(follow(over(20, gone(5, 12)), rules)).toHaveLength(2);
    expect(
      follow(
        over(20, (i) => (i < 2 ? [found(0, 0, 40)] : [])),
        rules,
      ),
    ).toEqual([]);
  });

  test('one begins when it is certain and goes on when it is less so', () => {
    const scores = [0.5, 0.5, 0.8, 0.5, 0.5, 0.3, 0.5];
    const [track, ...others] = follow(
      over(7, (i) => [found(0, 0, 40, scores[i])]),
      rules,
    );
    expect(others).toEqual([]);
    expect(track!.frames).toEqual([6, 9, 12, 18]);
  });
});

test('pictures that are looked at are so far apart, whatever the rate', () => {
  const times = Float64Array.from({ length: 30 }, (_, i) => Math.round((i * 1e6) / 29.97) / 1e6);
  expect(spaced(times, 0.1)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(spaced(Float64Array.of(0, 1, 5), 0.1)).toEqual([0, 1, 2]);
});

test.each([
  [1920, 1080, 3],
  [720, 720, 1],
  [480, 854, 3],
  [3000, 500, 9],
])('squares cover %i x %i', (width, height, count) => {
  const squares = pictureSquares({ width, height });
  expect(squares).toHaveLength(count);
  const last = squares.at(-1)!;
  expect(Math.max(last.x, last.y) + last.side).toBeCloseTo(Math.max(width, height));
});
