// Squares that follow a face: margin, smoothness, gaps, and the edges of the picture.
import { expect, test } from 'vitest';
import { faceCrops } from '../../src/samples/faceCrops';

const picture = { width: 640, height: 360 };
const times = Float64Array.from({ length: 25 }, (_, i) => i / 25);

test('a face that stands has one square, larger by the margin', () => {
  const frames = [0, 5, 10];
  const boxes = frames.flatMap(() => [300, 100, 40, 50]);
  const crops = faceCrops({ frames, boxes }, times, picture, 1.3);
  expect(crops).toHaveLength(25);
  for (const crop of crops) {
    expect(crop.width).toBeCloseTo(65);
    expect(crop.x + crop.width / 2).toBeCloseTo(320);
    expect(crop.y + crop.height / 2).toBeCloseTo(125);
  }
});

test('a face that moves is followed between its boxes, and a jump of one box is softened', () => {
  const frames = Array.from({ length: 13 }, (_, i) => 2 * i);
  const steady = frames.flatMap((frame) => [4 * frame, 100, 50, 50]);
  const crops = faceCrops({ frames, boxes: steady }, times, picture, 1);
  expect(crops[11]!.x).toBeCloseTo(44);
  const jumping = [...steady];
  jumping[6 * 4] = steady[6 * 4]! + 20;
  const shifted = faceCrops({ frames, boxes: jumping }, times, picture, 1);
  expect(shifted[12]!.x - crops[12]!.x).toBeGreaterThan(2);
  expect(shifted[12]!.x - crops[12]!.x).toBeLessThan(8);
});

test('a square stays in the picture', () => {
  const boxes = [-20, 300, 100, 100, 500, -30, 400, 400];
  const crops = faceCrops({ frames: [0, 24], boxes }, times, picture, 1.3);
  for (const { x, y, width, height } of crops) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(640);
    expect(y + height).toBeLessThanOrEqual(360);
    expect(width).toBe(height);
  }
});
