// A result is held against what it began with and against every baseline, whichever way better goes.
import { expect, test } from 'vitest';
import { verdictOf } from '../../src/ui/state/verdict';
import { sampleRecord } from '../runs/sampleRecord';

const summary = { ...sampleRecord({}).summary!, before: 300, after: 110, baselines: { mean: 160, ridge: 85 } };

test('better than before and than the mean, worse than a ridge regression', () => {
  expect(verdictOf(summary, 'lower').map(({ than, better }) => [than, better])).toEqual([
    [null, true],
    ['mean', true],
    ['ridge', false],
  ]);
  expect(verdictOf(summary, 'higher').map(({ better }) => better)).toEqual([false, false, true]);
});

test('says nothing of a run that was not validated in the end, nor of what has no number', () => {
  expect(verdictOf({ ...summary, after: NaN }, 'lower')).toEqual([]);
  expect(verdictOf({ ...summary, before: NaN }, 'lower').map(({ than }) => than)).toEqual(['mean', 'ridge']);
});
