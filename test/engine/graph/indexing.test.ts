// The index algebra must stay exact under every rewrite, and give back plain `i` for contiguous reads.
import { describe, expect, it } from 'vitest';
import {
  add,
  code,
  coordinates,
  evaluate,
  flatten,
  quotient,
  remainder,
  scale,
  strideOf,
  substitute,
  variable,
  type Index,
} from '../../../src/engine/graph/indexing';

describe('index algebra', () => {
  it('gives plain i for a contiguous read', () => {
    const i = variable('i', 2 * 9 * 17 * 32);
    expect(code(flatten(coordinates(i, [2, 9, 17, 32]), [2, 9, 17, 32]))).toBe('i');
    expect(code(flatten(coordinates(i, [18, 544]), [18, 544]))).toBe('i');
  });
  it('keeps a four-wide lane linear through views', () => {
    const i = add(scale(variable('g', 2448), 4), variable('lane', 4));
    const [a, b, c] = coordinates(i, [18, 17, 32]) as [Index, Index, Index];
    const permuted = flatten([b, a, c], [17, 18, 32]);
    expect(strideOf(permuted, 'lane')).toBe(1);
    expect(strideOf(remainder(i, 32), 'lane')).toBe(1);
    expect(strideOf(quotient(i, 32), 'lane')).toBe(0);
  });
  it('is exact for random expressions', () => {
    let state = 7;
    const random = (n: number) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let round = 0; round < 400; round++) {
      let shape = [1 + random(6), 1 + random(5), 1 + random(8)];
      const count = shape.reduce((x, y) => x * y, 1);
      let at: Index = variable('i', count);
      let reference = (i: number) => i;
      for (let view = 0; view < 4; view++) {
        const order = [
          [0, 1, 2],
          [2, 0, 1],
          [1, 0, 2],
          [2, 1, 0],
        ][random(4)] as [number, number, number];
        const from = shape;
        const to = order.map((axis) => from[axis] ?? 1);
        const here = coordinates(at, to);
        const source: Index[] = [];
        order.forEach((axis, k) => (source[axis] = here[k] as Index));
        at = flatten(source, from);
        const before = reference;
        reference = (i) => {
          const p = before(i);
          const c = [
            Math.floor(p / ((to[1] ?? 1) * (to[2] ?? 1))),
            Math.floor(p / (to[2] ?? 1)) % (to[1] ?? 1),
            p % (to[2] ?? 1),
          ];
          const s: number[] = [];
          order.forEach((axis, k) => (s[axis] = c[k] ?? 0));
          return ((s[0] ?? 0) * (from[1] ?? 1) + (s[1] ?? 0)) * (from[2] ?? 1) + (s[2] ?? 0);
        };
        shape = [from[0] ?? 1, (from[1] ?? 1) * (from[2] ?? 1), 1].sort(() => random(3) - 1);
      }
      for (let i = 0; i < count; i++) expect(evaluate(at, { i })).toBe(reference(i));
      const split = substitute(at, 'i', add(scale(variable('g', count), 3), variable('lane', 3)));
      for (let i = 0; i < count - 2; i += 3) expect(evaluate(split, { g: i / 3, lane: 1 })).toBe(reference(i + 1));
    }
  });
});
