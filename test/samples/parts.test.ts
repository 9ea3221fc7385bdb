// Items by their splits; test items stand in where none are marked for validation.
import { expect, it } from 'vitest';
import { partsOf } from '../../src/samples/parts';

const item = (split: 'train' | 'val' | 'test') => ({ split });
const [a, b, c] = [item('train'), item('val'), item('test')];

it('keeps the splits as they are marked', () => {
  expect(partsOf([a, b, c])).toEqual({ training: [a], validation: [b], test: [c], testJudged: false });
});

it('judges by the test items where none are marked for validation', () => {
  expect(partsOf([a, c])).toEqual({ training: [a], validation: [c], test: [], testJudged: true });
  expect(partsOf([a])).toEqual({ training: [a], validation: [], test: [], testJudged: false });
});
