// What the kernels of products share: the product itself, its taps' coordinates, and the sum of chunks.
import { invariant } from '../../errors';
import { code, coordinates, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { neighbours, worthLanes } from './lanes';
import { tapName, type Inner, type Operand, type Place } from './operand';
import { sumParts } from './partSums';

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

/** Adds the chunks' parts, which lie one after the other as [batch, rows, columns]. */
export function sumChunks(lowering: Lowering, name: string, product: Product, partial: Tensor, chunks: number): Call {
  const { batch, rows, columns, output } = product;
  const size = batch * rows * columns;
  const builder = lowering.kernel(name);
  const lanes = columns % 4 === 0 ? worthLanes(4, chunks * size, lowering.target) : 1;
  const flat = neighbours(variable('ix', size / lanes), lanes);
  const [total] = sumParts(builder, partial, { parts: chunks, size }, flat, lanes) as [string];
  const [at, row, column] = coordinates(flat, [batch, rows, columns]) as [Index, Index, Index];
  const { index, guards } = product.place(at, row, column);
  invariant(guards.length === 0, `${name}: outputs with guards are not cut into chunks`);
  builder.store([[output, total]], index, lanes);
  return builder.finish({ x: size / lanes }, chunks * size);
}
