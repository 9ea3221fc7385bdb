// Windows of training crops: how far they reach, and that they stay there.
import { expect, it } from 'vitest';
import { drawWindow, windowMargin } from '../../../src/engine/frames/cropWindow';
import { seededRandom } from '../../../src/samples/seededRandom';

it.each([
  ['half of what they grow by', 96, 0.7, 0.15, 7],
  ['as far as the picture goes', 96, 0.9, 0.5, 5],
  ['nowhere around the whole picture', 224, 1, 0.5, 0],
  ['nowhere without jitter', 96, 0.5, 0, 0],
])('reach %s', (_, side, share, jitter, wanted) => {
  expect(windowMargin(side, share, jitter)).toBe(wanted);
});

it('fill the margins and never leave them', () => {
  const random = seededRandom(7);
  const size = { width: 96, height: 64 };
  const drawn = Array.from({ length: 2000 }, () => drawWindow(size, 7, 0.15, random));
  const ends = drawn.flatMap(({ x, y, width, height }) => [x, y, 96 - x - width, 64 - y - height]);
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(-7 - 1e-9);
  expect(Math.min(...ends)).toBeLessThan(-6.5);
  const sides = drawn.map(({ width }) => width);
  expect(Math.min(...sides)).toBeCloseTo(96 * 0.85, 0);
  expect(Math.max(...sides)).toBeCloseTo(110, 0);
  for (const { width, height } of drawn) expect(width / height).toBeCloseTo(1.5);
});

it('shrink only where the whole picture is seen', () => {
  const random = seededRandom(8);
  for (let i = 0; i < 200; i++) {
    const { x, y, width, height } = drawWindow({ width: 32, height: 32 }, 0, 0.5, random);
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(32 + 1e-9);
  }
});
