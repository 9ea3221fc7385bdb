// A loop over the pieces of an axis: its body is traced once and planned once, however many pieces there are.
import type { Graph } from './graph';
import { shapeText, type Shape, type Tensor, type TensorType } from './tensor';
import type { LeafOp, LoopOp } from './op';

/** The node's inputs are the whole tensors of `pieces`, then the tensors of `captured`; its outputs `results`, then `sums`. */
export interface LoopAttributes {
  /** How often the body runs. */
  readonly count: number;
  readonly body: Graph;
  /** Leaves of the body that stand for one piece of an input, cut along the first axis. */
  readonly pieces: readonly Tensor[];
  /** Leaves of the body that stand for whole tensors of the graph around it, parameters among them. */
  readonly captured: readonly Tensor[];
  /** Tensors of the body whose values for all pieces make an output, one after the other along the first axis. */
  readonly results: readonly Tensor[];
  /** Tensors of the body that are added up over the pieces. */
  readonly sums: readonly Tensor[];
  /** Gradients by the parameter's name, which the loop adds to what the gradients' buffer holds. */
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/** Pieces start at multiples of this many elements, so that each can be bound by itself, as f16 too. */
export const PIECE_ALIGNMENT = 128;

export const loopOp: LoopOp<LoopAttributes> = {
  name: 'loop',
  kind: 'loop',
  type: (_inputs, { count, results, sums }) => [
    ...results.map(({ shape, dtype }): TensorType => ({ shape: stacked(shape, count), dtype })),
    ...sums.map(({ shape, dtype }): TensorType => ({ shape, dtype })),
  ],
};

/** One piece of a tensor of the graph around a body. */
export const pieceOp: LeafOp<TensorType> = {
  name: 'piece',
  kind: 'leaf',
  type: (_inputs, { shape, dtype }) => [{ shape, dtype }],
};

export function isLoop(node: { readonly op: unknown }): boolean {
  return node.op === loopOp;
}

/** Shape of `count` pieces one after the other. */
export function stacked(shape: Shape, count: number): Shape {
  const [first = 1, ...others] = shape;
  return [first * count, ...others];
}

/** Shape of one of `count` pieces; undefined where the first axis does not divide. */
export function pieceShape(shape: Shape, count: number): Shape | undefined {
  const [first = 0, ...others] = shape;
  return first % count === 0 && first > 0 ? [first / count, ...others] : undefined;
}

export function pieceText(shape: Shape, count: number): string {
  return `${shapeText(shape)} does not divide into ${count} pieces along its first axis`;
}
