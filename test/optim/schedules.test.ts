// What the recorded tables of rates (test/goldens/ops/schedulerCases.ts) leave open.
import { expect, it } from 'vitest';
import { constant } from '../../src/optim/schedules';

it('keeps a constant rate', () => {
  expect([0, 7, 1e6].map(constant(0.002))).toEqual([0.002, 0.002, 0.002]);
});
