// When a run would reach a level: only where its validations bear it.
import { describe, expect, test } from 'vitest';
import { outlookPoints, stepsUntil } from '../../src/ui/state/outlook';

const law = (steps: readonly number[], value: (step: number) => number) =>
  steps.map((step) => ({ step, value: value(step) }));
const falling = law([300, 600, 900, 1200], (step) => 2500 / Math.sqrt(step));

describe('steps until a level', () => {
  test('of an error that falls as the root of the steps', () => {
    const level = 2500 / Math.sqrt(2000);
    expect(stepsUntil(falling, level, 'lower')).toBe(800);
  });

  test('of an error that loses the same share with every step', () => {
    const steady = law([300, 600, 900, 1200], (step) => 150 * Math.exp(-step / 4000));
    expect(stepsUntil(steady, 150 * Math.exp(-1600 / 4000), 'lower')).toBe(400);
  });

  test('of the demo of poses: offered, and further than it was measured to be', () => {
    // Went on to 85.4 at step 2,100, and in one go of eight epochs to 85.2 at step 1,800.
    const small = [138.54, 134, 125.64, 118.92].map((value, i) => ({ step: 300 * (i + 1), value }));
    expect(stepsUntil(small, 85.48, 'lower')).toBeGreaterThan(900);
    const whole = [166.6, 120.7, 114.2, 109.5].map((value, i) => ({ step: 300 * (i + 1), value }));
    expect(stepsUntil(whole, 85.48, 'lower')).toBeGreaterThan(600);
  });

  test('of a share that goes towards 1', () => {
    const rising = law([100, 200, 400], (step) => 1 - 5 / step);
    expect(stepsUntil(rising, 0.99, 'higher')).toBe(100);
  });

  test('a curve that is a little off the law still counts', () => {
    const rough = falling.map(({ step, value }, i) => ({ step, value: value * (i % 2 ? 1.04 : 0.97) }));
    expect(stepsUntil(rough, 56, 'lower')).toBeGreaterThan(400);
  });

  test.each<[string, Parameters<typeof stepsUntil>]>([
    ['two validations', [falling.slice(0, 2), 60, 'lower']],
    ['one before the first step', [[{ step: 0, value: 900 }, ...falling.slice(0, 2)], 60, 'lower']],
    ['none', [[], 60, 'lower']],
    ['a level that is passed already', [falling, 90, 'lower']],
    ['a level far away', [falling, 40, 'lower']],
    ['no level', [falling, NaN, 'lower']],
    ['an error of nothing', [falling, 0, 'lower']],
    ['a curve that rises', [law([100, 200, 300], (step) => step), 50, 'lower']],
    ['a curve that stands', [law([100, 200, 300], () => 90), 50, 'lower']],
    ['a validation off the law', [[...falling.slice(0, 3), { step: 1200, value: 120 }], 60, 'lower']],
    ['one that is no number', [[...falling, { step: 1500, value: NaN }], 60, 'lower']],
    ['a metric above 1 that should be high', [law([1, 2, 3], (step) => 10 * step), 40, 'higher']],
  ])('nothing is said of %s', (_, given) => {
    expect(stepsUntil(...given)).toBeNull();
  });
});

test('validations of a run are taken where they have the metric', () => {
  const record = { epoch: 1, trainLoss: 1, seconds: 1, best: false };
  const epochs = [
    { ...record, step: 10, metrics: { P1: 90, P2: 50 } },
    { ...record, step: 20, metrics: {} },
    { ...record, step: 30, metrics: { P1: 70 } },
  ];
  expect(outlookPoints(epochs, 'P1')).toEqual([
    { step: 10, value: 90 },
    { step: 30, value: 70 },
  ]);
});
