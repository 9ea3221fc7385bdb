// When a way of making a kernel is certain to be worth taking instead of the best guess.
import { expect, test } from 'vitest';
import { clearWinner, type Tried } from './wayTrials';

const tried = (...ways: readonly (readonly [way: string, milliseconds: number, translation?: number])[]) =>
  new Map(
    ways.map(([way, milliseconds, translation = 100]): [string, Tried] => [
      way,
      { milliseconds, least: milliseconds, translation },
    ]),
  );

test('the fastest of those that are clearly faster wins', () => {
  expect(clearWinner(tried(['guess', 1], ['a', 0.8], ['b', 0.7], ['c', 1.2]))).toBe('b');
});

test.each([
  ['nothing else was tried', tried(['guess', 1])],
  ['a tenth is within the noise', tried(['guess', 1], ['a', 0.9])],
  ['microseconds are not worth an entry', tried(['guess', 0.03], ['a', 0.015])],
  ['nothing was tried', tried()],
])('the guess stays: %s', (_reason, ways) => {
  expect(clearWinner(ways)).toBeNull();
});

test('a way that takes long to translate must save that much in a demo', () => {
  expect(clearWinner(tried(['guess', 1, 100], ['a', 0.8, 400]))).toBeNull();
  expect(clearWinner(tried(['guess', 1, 100], ['a', 0.8, 250]))).toBe('a');
  expect(clearWinner(tried(['guess', 1, 100], ['a', 0.8, 250], ['b', 0.7, 2000]))).toBe('a');
});
