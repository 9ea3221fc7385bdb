// The helper that every comparison with recorded values leans on.
import { describe, expect, it } from 'vitest';
import { compare } from './golden';
import { hashValues } from './hashValues';

describe('recorded values', () => {
  it('makes the values that the README of the recordings states', () => {
    const want = [-0.79294765, -0.03091884, 0.63138556, 0.7236135];
    expect(compare('u', hashValues('a', 4), want, { atol: 5e-9 }).ok).toBe(true);
  });

  it('fails on a difference, a NaN, another length, and on nothing', () => {
    expect(compare('same', [1, 2], [1, 2], { rtol: 1e-6 }).ok).toBe(true);
    expect(compare('near', [1 + 1e-7], [1], { rtol: 1e-6 }).ok).toBe(true);
    expect(compare('zero', [1e-4], [0], { rtol: 1e-6, atol: 1e-3 }).ok).toBe(true);
    for (const got of [[1, 2.1], [1, NaN], [1], [1, 2, 3]])
      expect(compare('bad', got, [1, 2], { rtol: 1e-6 }).ok).toBe(false);
    expect(compare('empty', [], [], { rtol: 1e-6 }).ok).toBe(false);
  });
});
