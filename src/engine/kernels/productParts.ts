// What the kernels of products share: the product itself, and its taps' coordinates.
import { code, coordinates, variable, type Index } from '../graph/indexing';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import { tapName, type Inner, type Operand, type Place } from './operand';

export interface ProductSize {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: Inner;
}

/** output[batch, row, column] = Σ over taps and offsets of left(batch, row, …) × right(batch, column, …). */
export interface Product extends ProductSize {
  readonly left: Operand;
  readonly right: Operand;
  readonly output: Tensor;
  /** Flat position of an output; where its guards do not hold there is none. */
  readonly place: (batch: Index, row: Index, column: Index) => Place;
}

/** Coordinates of the flat tap along each axis. */
export function declareTaps(builder: KernelBuilder, taps: readonly number[]): void {
  coordinates(variable('tap', sizeOf(taps)), taps).forEach((at, axis) => {
    if (taps[axis] !== 1) builder.line(`let ${tapName(axis)} = ${code(at)};`);
  });
}
