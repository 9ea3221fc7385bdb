// What the kernels of products share: the product itself, its taps' coordinates, and the sum of chunks.
import { invariant } from '../../errors';
import { add, code, coordinates, scale, variable, type Index } from '../graph/indexing';
import type { Lowering, OperandSum } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { neighbours, worthLanes, type Lanes } from './lanes';
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
  /** The sum of one operand over the inner axis, [rows] or [columns], to be made too; no batch then, and none on a CPU. */
  readonly operandSum?: OperandSum | null;
  /** Flat position of an output; where its guards do not hold there is none. */
  readonly place: (batch: Index, row: Index, column: Index) => Place;
}

/** Coordinates of the flat tap along each axis. */
export function declareTaps(builder: KernelBuilder, taps: readonly number[]): void {
  coordinates(variable('tap', sizeOf(taps)), taps).forEach((at, axis) => {
    if (taps[axis] !== 1) builder.line(`let ${tapName(axis)} = ${code(at)};`);
  });
}

/** What the chunks of a product left behind, one after the other: parts of its outputs and of its operand's sum. */
export interface Parts {
  readonly chunks: number;
  readonly outputs: Tensor;
  readonly operandSum: Tensor | null;
}

/** Arrays for the parts of so many chunks. */
export function partsOf(lowering: Lowering, product: Product, chunks: number): Parts {
  const { batch, rows, columns, operandSum } = product;
  return {
    chunks,
    outputs: lowering.scratch(chunks * batch * rows * columns),
    operandSum: operandSum ? lowering.scratch(chunks * sizeOfSum(product)) : null,
  };
}

/** Adds up the parts. */
export function sumChunks(lowering: Lowering, name: string, product: Product, parts: Parts): Call {
  const { batch, rows, columns, output, operandSum } = product;
  const { chunks } = parts;
  const size = batch * rows * columns;
  const builder = lowering.kernel(name);
  const lanes = columns % 4 === 0 ? worthLanes(4, chunks * size, lowering.target) : 1;
  const flat = neighbours(variable('ix', size / lanes), lanes);
  const [total] = sumParts(builder, parts.outputs, { parts: chunks, size }, flat, lanes) as [string];
  const [at, row, column] = coordinates(flat, [batch, rows, columns]) as [Index, Index, Index];
  const { index, guards } = product.place(at, row, column);
  invariant(guards.length === 0, `${name}: outputs with guards are not cut into chunks`);
  builder.store([[output, total]], index, lanes);
  const ownParts = parts.operandSum;
  if (operandSum && ownParts) {
    // By those who made the first column, or the first row.
    const [first, own, width]: [string, Index, Lanes] =
      operandSum.operand === 'left'
        ? [`ix % ${columns / lanes}u == 0u`, row, 1]
        : [`ix < ${columns / lanes}u`, column, lanes];
    builder.block(`if (${first})`, () => {
      const [sum] = sumParts(builder, ownParts, { parts: chunks, size: sizeOfSum(product) }, own, width) as [string];
      storeOperandSum(builder, product, null, { index: own, value: sum, lanes: width });
    });
  }
  return builder.finish({ x: size / lanes }, chunks * size);
}

interface OwnSum {
  /** Row or column. */
  readonly index: Index;
  readonly value: string;
  readonly lanes: Lanes;
}

/** Stores a part of the operand's sum, or a chunk's share of it in `parts`. */
export function storeOperandSum(
  builder: KernelBuilder,
  product: Product,
  parts: Tensor | null,
  { index, value, lanes }: OwnSum,
): void {
  const size = sizeOfSum(product);
  if (parts) builder.write(parts, add(scale(variable('chunk', parts.size / size), size), index), value, lanes);
  else builder.store([[product.operandSum?.sum.outputs[0] as Tensor, value]], index, lanes);
}

function sizeOfSum({ operandSum, rows, columns }: Product): number {
  return operandSum?.operand === 'left' ? rows : columns;
}
