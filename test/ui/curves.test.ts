// Smoothing and thinning of curves keep what a reader looks for: level, peaks, gaps, both ends.
import { describe, expect, test } from 'vitest';
import { binIndices, take } from '../../src/ui/plots/bins';
import { lossCurves, metricCurves, stepCurve, waitCurves, withChanges } from '../../src/ui/plots/curves';
import { smooth } from '../../src/ui/plots/smoothing';
import { StepColumns } from '../../src/ui/plots/stepColumns';
import { sampleSteps } from '../runs/sampleRecord';

describe('smooth', () => {
  test('leaves a constant curve where it is from the first point on', () => {
    expect([...smooth([3, 3, 3, 3], 0.9)].every((value) => Math.abs(value - 3) < 1e-12)).toBe(true);
  });

  test('gives the curve back at weight 0', () => {
    expect([...smooth([1, 5, 2], 0)]).toEqual([1, 5, 2]);
  });

  test('weights the past as asked', () => {
    const [, second] = smooth([0, 1], 0.5);
    expect(second).toBeCloseTo(0.5 / 0.75, 12);
  });

  test('keeps gaps as gaps and goes on after them', () => {
    const smoothed = smooth([1, NaN, 1], 0.9);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBeCloseTo(1, 12);
  });
});

describe('binIndices', () => {
  test('keeps short curves whole', () => {
    expect([...binIndices([1, 2, 3], 10)]).toEqual([0, 1, 2]);
  });

  test('keeps a single spike among 20,000 points and stays under the limit', () => {
    const values = new Float64Array(20_000).fill(1);
    values[12_345] = 9;
    values[777] = -9;
    const indices = binIndices(values, 2000);
    expect(indices.length).toBeLessThanOrEqual(2000);
    expect(indices).toContain(12_345);
    expect(indices).toContain(777);
  });

  test('keeps both ends and the order', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i));
    const indices = [...binIndices(values, 100)];
    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(4999);
    expect(indices).toEqual([...indices].sort((a, b) => a - b));
  });

  test('draws no more than was asked for, and looks at each of 20,000 points a few times at most', () => {
    const values = Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i / 100));
    let looks = 0;
    const counted = new Proxy(values, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    expect(binIndices(counted, 2000).length).toBeLessThanOrEqual(2000);
    expect(looks).toBeLessThanOrEqual(4 * values.length);
  });
});

test('take gives null for gaps', () => {
  expect(take([1, NaN, 3], Uint32Array.of(0, 1, 2))).toEqual([1, null, 3]);
});

test('the axis of a metric that should be low ends a little above the weakest baseline', () => {
  const axis = { unit: 'step', stepsPerEpoch: 10, columns: new StepColumns() } as const;
  const labels = { metric: 'P1', value: '', best: '', baseline: (name: string) => name };
  const epoch = { epoch: 1, step: 10, trainLoss: 1, seconds: 1, best: true };
  const topOf = (P1: number, better: 'lower' | 'higher') =>
    metricCurves([{ ...epoch, metrics: { P1 } }], { P1: 1590 }, { mean: 160, ridge: 85 }, axis, 10, {
      ...labels,
      better,
    }).top;
  expect(topOf(110, 'lower')).toBe(240);
  // Where nothing would be left to see, and where high is good, nothing is cut off.
  expect(topOf(800, 'lower')).toBeUndefined();
  expect(topOf(110, 'higher')).toBeUndefined();
});

describe('the columns of a run', () => {
  test('grow with it, smoothed as if at once', () => {
    const records = sampleSteps(3000);
    const columns = new StepColumns();
    for (const length of [1, 7, 2000, 3000]) {
      columns.follow(records.slice(0, length));
      columns.smoothed('loss', 0.9);
    }
    const losses = records.map(({ loss }) => loss);
    expect([...columns.smoothed('loss', 0.9)]).toEqual([...smooth(losses, 0.9)]);
    expect([...columns.smoothed('loss', 0.5)]).toEqual([...smooth(losses, 0.5)]);
    expect(columns.parts).toEqual(['position', 'velocity']);
    expect([...columns.column('part velocity')]).toEqual(records.map(({ parts }) => parts['velocity']));
    expect(columns.column('seconds').at(-1)).toBeCloseTo(records.reduce((sum, r) => sum + r.milliseconds, 0) / 1000, 9);
  });

  test('leave a gap where a step was not timed yet', () => {
    const [told, ...later] = sampleSteps(3);
    const columns = new StepColumns();
    columns.follow([{ ...told!, milliseconds: NaN }, ...later]);
    expect(columns.smoothed('milliseconds', 0)[0]).toBeNaN();
    expect(columns.smoothed('milliseconds', 0)[1]).toBe(later[0]!.milliseconds);
    expect(columns.column('seconds')[0]).toBe(0);
  });

  test('go back with it', () => {
    const [first, again] = [sampleSteps(50), sampleSteps(45).map((record) => ({ ...record, loss: 9 }))];
    const columns = new StepColumns();
    columns.follow(first);
    columns.follow([...first.slice(0, 40), ...again.slice(40)]);
    expect([...columns.column('loss')].slice(38)).toEqual([
      first[38]!.loss,
      first[39]!.loss,
      ...Array<number>(5).fill(9),
    ]);
    expect(columns.column('step').at(-1)).toBe(45);
  });

  test('have what only some steps of a run tell, with gaps for the others', () => {
    const columns = new StepColumns();
    const [early, late] = [sampleSteps(4), sampleSteps(8).slice(4)];
    const more = { gradientNorm: 2, waits: { data: 3, submit: 1, gpu: 16 }, heldBytes: 3 * 2 ** 20 };
    columns.follow(early);
    expect([columns.has('norm'), columns.has('gpu'), columns.has('held')]).toEqual([false, false, false]);
    columns.follow([...early, ...late.map((record) => ({ ...record, ...more }))]);
    const axis = { unit: 'step', stepsPerEpoch: 4, columns } as const;
    const gaps = [null, null, null, null];
    expect(stepCurve(axis, 'norm', '').curves[0]!.values).toEqual([...gaps, 2, 2, 2, 2]);
    expect(stepCurve(axis, 'held', '', undefined, 2 ** 20).curves[0]!.values).toEqual([...gaps, 3, 3, 3, 3]);
    const { curves } = waitCurves(axis, 0, { whole: 'whole', data: 'data', submit: 'submit', gpu: 'gpu' });
    expect(curves.map(({ label, values }) => [label, values.at(-1)])).toEqual([
      ...[
        ['whole', late.at(-1)!.milliseconds],
        ['data', 3],
        ['submit', 1],
        ['gpu', 16],
      ],
    ]);
    columns.follow(early.slice(0, 3));
    expect(columns.has('norm')).toBe(false);
  });

  test('place curves, validations and changes along training time', () => {
    const columns = new StepColumns();
    columns.follow(sampleSteps(10).map((record) => ({ ...record, milliseconds: 500 })));
    const axis = { unit: 'time', stepsPerEpoch: 5, columns } as const;
    const words = { raw: 'raw', smoothed: 'smoothed', part: (name: string) => name };
    expect(lossCurves(axis, 0, words).x).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
    expect(withChanges({ x: [], curves: [] }, [{ step: 4, key: 'a', from: 1, to: 2 }], axis).marks).toEqual([2]);
  });
});
