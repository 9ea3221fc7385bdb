// Small sparse matrices that act along one axis of a tensor: what resizing and averaging do there.
import type { Shape } from '../graph/tensor';

/** One non-zero of a matrix; entries at the same place add up. */
interface Entry {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
}

/** y[row] = Σ weight · x[column] along one axis. */
export interface AxisMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly entries: readonly Entry[];
}

/** A matrix whose rows each touch `taps` neighbouring columns, starting at the row's `first`. */
export interface Band {
  readonly taps: number;
  readonly first: readonly number[];
  /** Weights [rows, taps]. */
  readonly weights: readonly number[];
}

/** The matrix with rows and columns exchanged: what the gradient applies. */
export function transposed({ rows, columns, entries }: AxisMatrix): AxisMatrix {
  const flipped = entries.map(({ row, column, weight }) => ({ row: column, column: row, weight }));
  return { rows: columns, columns: rows, entries: flipped };
}

/** The matrix as a band; each row reads inside the columns, whatever its number of non-zeros. */
export function bandOf({ rows, columns, entries }: AxisMatrix): Band {
  const low = Array<number>(rows).fill(columns - 1);
  const high = Array<number>(rows).fill(0);
  for (const { row, column } of entries) {
    low[row] = Math.min(low[row] ?? column, column);
    high[row] = Math.max(high[row] ?? column, column);
  }
  const taps = low.reduce((most, from, row) => Math.max(most, (high[row] ?? 0) - from + 1), 1);
  const first = low.map((from) => Math.min(from, columns - taps));
  const weights = Array<number>(rows * taps).fill(0);
  for (const { row, column, weight } of entries) {
    const at = row * taps + column - (first[row] ?? 0);
    weights[at] = (weights[at] ?? 0) + weight;
  }
  return { taps, first, weights };
}

/** The shape that matrices make of `shape`. */
export function resampledShape(shape: Shape, matrices: ReadonlyMap<number, AxisMatrix>): Shape {
  return shape.map((size, axis) => matrices.get(axis)?.rows ?? size);
}
