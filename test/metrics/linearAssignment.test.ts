// Assignments against trying out all of them, and the price of a large one.
import { describe, expect, it } from 'vitest';
import { linearAssignment } from '../../src/metrics/linearAssignment';
import { hashValues } from '../helpers/hashValues';

function total(cost: Float64Array, columns: number, pairs: ReturnType<typeof linearAssignment>): number {
  return pairs.rows.reduce((sum, row, k) => sum + cost[row * columns + pairs.columns[k]!]!, 0);
}

/** The least sum over all ways to give each of the fewer rows a column. */
function leastOf(cost: Float64Array, rows: number, columns: number, row = 0, used: readonly number[] = []): number {
  if (row === rows) return 0;
  let least = Infinity;
  for (let column = 0; column < columns; column++) {
    if (used.includes(column)) continue;
    const rest = leastOf(cost, rows, columns, row + 1, [...used, column]);
    least = Math.min(least, cost[row * columns + column]! + rest);
  }
  return least;
}

describe('linearAssignment', () => {
  it.each([
    [1, 1],
    [3, 3],
    [2, 6],
    [5, 5],
    [4, 7],
  ])('finds the least sum of %i × %i, and of its transpose', (rows, columns) => {
    for (let trial = 0; trial < 20; trial++) {
      const cost = hashValues(`cost ${trial}`, rows * columns);
      const pairs = linearAssignment(cost, rows, columns);
      expect(total(cost, columns, pairs)).toBeCloseTo(leastOf(cost, rows, columns), 12);
      expect(new Set(pairs.columns).size).toBe(rows);
      const turned = Float64Array.from(cost, (_, k) => cost[(k % rows) * columns + Math.floor(k / rows)]!);
      const back = linearAssignment(turned, columns, rows);
      expect(total(turned, rows, back)).toBeCloseTo(total(cost, columns, pairs), 12);
      expect(back.rows).toEqual([...back.rows].sort((a, b) => a - b));
    }
  });

  it('ends where all costs are equal', () => {
    expect(linearAssignment(new Float64Array(30).fill(1), 6, 5).rows).toHaveLength(5);
  });

  it('gives nothing without columns', () => {
    expect(linearAssignment(new Float64Array(0), 4, 0)).toEqual({ rows: [], columns: [] });
  });
});
