// Who computes the same, and how much faster than the fastest peer that does.
import { expect, test } from 'vitest';
import { judge } from './judge';
import type { Figures, Row } from './protocol';

function row(subject: string, engine: string, medianMilliseconds: number, ...check: number[]): Row {
  return { subject, engine, details: [], figures: { medianMilliseconds, check } as unknown as Figures };
}
const missing = (subject: string, engine: string): Row => ({ subject, engine, reason: 'no training', details: [] });
const agrees = (...rows: Row[]): (boolean | null)[] => judge(rows).map((one) => one.agrees);
const speeds = (...rows: Row[]): (number | null)[] => judge(rows).map((one) => one.speed);

test('five digits decide, in every value of the check', () => {
  const ours = row('mlp', 'tabtune', 1, 2.30259, 1.25);
  expect(agrees(ours, row('mlp', 'jaxjs', 1, 2.30264, 1.2501))).toEqual([true, true]);
  expect(agrees(ours, row('mlp', 'jaxjs', 1, 2.3029, 1.25))).toEqual([false, false]);
  expect(agrees(ours, row('mlp', 'jaxjs', 1, 2.30259, 1.2503))).toEqual([false, false]);
  expect(agrees(ours, row('mlp', 'jaxjs', 1, 2.30259))).toEqual([false, false]);
});

test('small and negative values are held to as many digits', () => {
  const ours = row('lift', 'tabtune', 1, -1.2345e-5);
  expect(agrees(ours, row('lift', 'jaxjs', 1, -1.23451e-5))).toEqual([true, true]);
  expect(agrees(ours, row('lift', 'jaxjs', 1, -1.2353e-5))).toEqual([false, false]);
  expect(agrees(row('lift', 'tabtune', 1, 0), row('lift', 'jaxjs', 1, 0))).toEqual([true, true]);
});

test('values that are no numbers never agree', () => {
  expect(agrees(row('mlp', 'tabtune', 1, NaN), row('mlp', 'jaxjs', 1, NaN))).toEqual([false, false]);
});

test('of three rows the odd one is wrong, and no measure of speed', () => {
  const rows = [row('mlp', 'tabtune', 10, 1), row('mlp', 'jaxjs', 30, 1), row('mlp', 'tfjs', 2, 7)];
  expect(agrees(...rows)).toEqual([true, true, false]);
  expect(speeds(...rows)).toEqual([3, 1, 15]);
});

test('half precision is held to what sums in it can keep', () => {
  expect(agrees(row('matmul-f16', 'raw', 1, -9.632), row('matmul-f16', 'tabtune', 1, -9.758))).toEqual([true, true]);
  expect(agrees(row('matmul-f16', 'raw', 1, 4.611), row('matmul-f16', 'ort', 1, 4.66))).toEqual([true, true]);
  expect(agrees(row('matmul-f16', 'raw', 1, 4.611), row('matmul-f16', 'ort', 1, 4.9))).toEqual([false, false]);
});

test('a row alone is neither right nor faster; rows without figures count for nothing', () => {
  expect(judge([row('mlp', 'tabtune', 1, 1), missing('mlp', 'ort'), row('block', 'jaxjs', 1, 9)])).toEqual([
    { agrees: null, speed: null },
    { agrees: null, speed: null },
    { agrees: null, speed: 1 },
  ]);
});
