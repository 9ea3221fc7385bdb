// Runs over one another: one axis, gaps where a run has no point, and only the settings that differ.
import { expect, test } from 'vitest';
import { lossPoints, metricPoints, overlaid, settingDifferences } from '../../src/ui/plots/comparison';
import { sampleRecord, sampleSteps } from '../runs/sampleRecord';

test('runs of other lengths lie on one axis, each with its own points', () => {
  const data = overlaid([
    {
      name: 'a',
      points: [
        { x: 0, y: 5 },
        { x: 10, y: 3 },
      ],
    },
    {
      name: 'b',
      points: [
        { x: 4, y: 4 },
        { x: 10, y: NaN },
      ],
    },
  ]);
  expect(data.x).toEqual([0, 4, 10]);
  expect(data.curves.map(({ label, values }) => [label, values])).toEqual([
    ['a', [5, null, 3]],
    ['b', [null, 4, null]],
  ]);
});

test('long runs are thinned, and keep their first and last step', () => {
  const { points } = lossPoints(sampleRecord({ steps: sampleSteps(20_000) }), 0.9);
  expect(points.length).toBeLessThanOrEqual(600);
  expect([points[0]!.x, points.at(-1)!.x]).toEqual([1, 20_000]);
});

test('metrics begin before training', () => {
  const record = sampleRecord({ metricsBefore: { P1: 300 } });
  const { points } = metricPoints(record, 'P1');
  expect(points[0]).toEqual({ x: 0, y: 300 });
});

test('only settings that differ are named, also those that one run does not have', () => {
  const settings = [
    { batch: 8, seed: 1 },
    { batch: 16, seed: 1, noise: 2 },
  ];
  expect(settingDifferences(settings.map((one) => ({ settings: one })))).toEqual([
    { key: 'batch', values: [8, 16] },
    { key: 'noise', values: [undefined, 2] },
  ]);
});
