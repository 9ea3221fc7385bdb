// Mean and spread over runs that differ by their seed.
import { expect, test } from 'vitest';
import type { DemoResult } from '../../tools/demoRun';
import { spreadLines, spreadOfRuns } from '../../tools/spread';

test('metrics that every run has as a number are summed up', () => {
  const runs = [1, 2, 6].map((auc, k) => ({ metrics: { auc, ap: k === 1 ? NaN : 1 } }) as unknown as DemoResult);
  const spread = spreadOfRuns(runs);
  expect(Object.keys(spread)).toEqual(['auc']);
  expect(spread['auc']).toMatchObject({ mean: 3, least: 1, most: 6 });
  expect(spread['auc']!.deviation).toBeCloseTo(Math.sqrt(7), 12);
  expect(spreadLines(spread, 3)).toEqual(['auc over 3 seeds: mean 3.000, deviation 2.646, 1.000 to 6.000']);
});
