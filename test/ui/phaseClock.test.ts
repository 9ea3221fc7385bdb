// Time left of what is counted: by its pace, once that can be told.
import { expect, test } from 'vitest';
import { PhaseClock } from '../../src/ui/state/phaseClock';

test('goes by what was done since the phase was first heard of', () => {
  const clock = new PhaseClock();
  expect(clock.secondsLeft('kernels', 100, 200, 5000)).toBeNull();
  expect(clock.secondsLeft('kernels', 150, 200, 10_000)).toBeCloseTo(5);
  expect(clock.secondsLeft('videos', 10, 20, 11_000)).toBeNull();
  expect(clock.secondsLeft('kernels', 200, 200, 15_000)).toBeNull();
});

test('says nothing after a moment or of a few, and begins anew with the count', () => {
  const clock = new PhaseClock();
  clock.secondsLeft('videos', 0, 84, 0);
  expect(clock.secondsLeft('videos', 20, 84, 1000)).toBeNull();
  expect(clock.secondsLeft('videos', 21, 84, 2100)).toBeCloseTo(6.3, 9);
  expect(clock.secondsLeft('videos', 1, 84, 9000)).toBeNull();
  expect(clock.secondsLeft('videos', 3, 84, 11_000)).toBeNull();
  expect(clock.secondsLeft('videos', 5, 84, 13_000)).toBeCloseTo(79, 9);
});
