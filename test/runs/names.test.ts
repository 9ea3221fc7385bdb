// Run names are two plain words and do not repeat.
import { expect, it } from 'vitest';
import { memorableName } from '../../src/runs/names';

it('makes a name of two words', () => {
  for (let i = 0; i < 200; i += 1) expect(memorableName()).toMatch(/^[a-z]+-[a-z]+$/);
});

it('takes a name that no other run has, with a number when the words run out', () => {
  const fixed = (): number => 0;
  expect(memorableName([], fixed)).toBe('amber-adder');
  expect(memorableName(['amber-adder', 'amber-adder-2'], fixed)).toBe('amber-adder-3');
});
