// Symbolic tensors: a shape, a dtype and the node that makes them. They hold no data. What an op states about itself is
// here too, since nodes have ops and ops take tensors.
import { invariant } from '../../errors';
import type { Guard, Index } from './indexing';

export type DType = 'f32' | 'u32';
export type Shape = readonly number[];

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The graph of a tensor, as far as ops need it to apply others. */
export interface Tracing {
  apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[];
  one<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor;
  insert<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    attributes: A,
    path: string,
    block: number | null,
    precise?: boolean,
  ): readonly Tensor[];
  scalar(value: number): Tensor;
  constant(data: Float32Array | Uint32Array, shape: Shape): Tensor;
  fullPrecision<T>(body: () => T): T;
  nextDraw(): number;
}

/** One application of an op. Nodes are numbered in the order in which they were traced: a valid order to run. */
export interface Node {
  readonly graph: Tracing;
  readonly id: number;
  readonly op: Op<unknown>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly outputs: readonly Tensor[];
  /** Where in the model it was traced, for messages: `layers.7 > attention`. */
  readonly path: string;
  /** The recompute block it belongs to, if any. */
  readonly block: number | null;
  /** Its results lie in memory as f32 also where others are halved. */
  readonly precise: boolean;
}

/** Output number `index` of a node. */
export class Tensor implements TensorType {
  readonly node: Node;
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node;
    this.index = index;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Axis counted from the front; negative axes count from the back. Throws Bug when out of range. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  invariant(normal >= 0 && normal < rank, `axis ${axis} of a tensor with ${rank} axes`);
  return normal;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[2, 9, 17]`, as error messages write shapes. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** One place that a view reads: which input, at which flat index, and where that is valid at all. */
export interface Piece {
  readonly input: number;
  readonly index: Index;
  /** The piece holds where low ≤ at < high; elsewhere it counts as zero. */
  readonly guard?: Guard;
}

/** What a pointwise op's expression may use: the WGSL type it is written for, and shared functions. */
export interface ExpressionContext {
  /** `f32` or `vec4<f32>`. */
  readonly type: string;
  readonly lanes: 1 | 4;
  /** Declares a helper function and returns its name for this type; a shared one serves scalars and vectors alike. */
  readonly helper: (name: string, source: (type: string, name: string) => string, shared?: boolean) => string;
  /** `count` as the end of a loop (see KernelBuilder.bound). */
  readonly bound: (count: number) => string;
  /** Flat position of the (first) element, as WGSL. */
  readonly index: () => string;
  /** Name of the step's uniforms: `.seed`, `.index`. */
  readonly step: () => string;
}

export interface OpBase<A> {
  readonly name: string;
  /** Types of the outputs. Throws ShapeError (see graph.ts) with what was wanted and what came. */
  type(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /**
   * Gradients of the inputs, given those of the outputs (null where nothing flows); null where none exists.
   * `wanted[i]` is false where input i needs none.
   */
  readonly gradient?: (context: GradientContext<A>) => readonly (Tensor | null)[];
}

export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  readonly gradients: readonly (Tensor | null)[];
  readonly wanted: readonly boolean[];
}

/** Data from outside: parameters, inputs, constants. */
export interface LeafOp<A> extends OpBase<A> {
  readonly kind: 'leaf';
}
/** Moves no data: rewrites where its reader looks. */
export interface ViewOp<A> extends OpBase<A> {
  readonly kind: 'view';
  pieces(index: Index, inputs: readonly Tensor[], attributes: A, output: Tensor): readonly Piece[];
  /** Where an input's element lies in the output; only views have it in which all inputs' elements come once. */
  places?(index: Index, input: number, inputs: readonly Tensor[], attributes: A, output: Tensor): Index;
}
/** Each output element depends on the inputs' elements at the same place; all shapes are equal. */
export interface PointwiseOp<A> extends OpBase<A> {
  readonly kind: 'pointwise';
  expression(inputs: readonly string[], attributes: A, context: ExpressionContext): string;
}
/** Folds over some axes; several of them over the same axes share one kernel. */
export interface ReduceOp<A> extends OpBase<A> {
  readonly kind: 'reduce';
}
/** Has kernels of its own; pointwise neighbours may join as their epilogue (`kernels/lowering.ts` says how it is made). */
export interface KernelOpFacts<A> extends OpBase<A> {
  readonly kind: 'kernel';
  /** Outputs that may lie in memory as f16 under mixed precision; sums and statistics may not. */
  readonly halves?: readonly number[];
  /** All outputs are written at one place in one go, so that what is fused behind may read any of them. */
  readonly together?: true;
  /** Of a product: the operands that its kernel can sum over the inner axis on its way. */
  summable?(inputs: readonly Tensor[], attributes: A): readonly SummableOperand[];
}
/** An operand of one matrix product. */
export interface SummableOperand {
  readonly operand: 'left' | 'right';
  readonly tensor: Tensor;
  /** Rows of the left one or columns of the right one. */
  readonly size: number;
  /** Length of the inner axis. */
  readonly terms: number;
  /** Where term number `term` of a row or column lies in the tensor. */
  readonly at: (own: Index, term: Index) => Index;
}
/** Runs a body once for each piece of its inputs (`graph/loop.ts`). */
export interface LoopOp<A> extends OpBase<A> {
  readonly kind: 'loop';
}
/** Small values leave for JavaScript, and what it makes of them comes back in the midst of a step (`graph/host.ts`). */
export interface HostOp<A> extends OpBase<A> {
  readonly kind: 'host';
}

export type Op<A> = LeafOp<A> | ViewOp<A> | PointwiseOp<A> | ReduceOp<A> | KernelOpFacts<A> | LoopOp<A> | HostOp<A>;
