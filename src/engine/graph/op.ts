// What an operator states about itself: its shape rule, its gradient, and how it becomes GPU work.
import type { Guard, Index } from './indexing';
import type { Node, Tensor, TensorType } from './tensor';
import type { KernelBuilder } from '../kernels/builder';
import type { Call } from '../kernels/call';
import type { Target } from '../kernels/target';

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

/** A kernel under construction by an anchor op; the builder handles loads, epilogues, bindings and names. */
export interface Lowering {
  readonly node: Node;
  readonly target: Target;
  /** Results of this node's group that have to be written. */
  readonly outputs: readonly Tensor[];
  /** Starts one dispatch of this node. Every output must be stored by exactly one of its dispatches. */
  kernel(name: string): KernelBuilder;
  /** One of several ways to make this kernel: what tuning found for kernels of this key, else the first. */
  readonly choose: <V>(key: string, variants: ReadonlyMap<string, V>) => V;
  /** A temporary array that lives from this node's first dispatch to its last. */
  scratch(size: number): Tensor;
}

interface OpBase<A> {
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
/** Has kernels of its own; pointwise neighbours may join as their epilogue. */
export interface KernelOp<A> extends OpBase<A> {
  readonly kind: 'kernel';
  /** Outputs that may lie in memory as f16 under mixed precision; sums and statistics may not. */
  readonly halves?: readonly number[];
  lower(lowering: Lowering, inputs: readonly Tensor[], attributes: A, outputs: readonly Tensor[]): readonly Call[];
}

/** Runs a body once for each piece of its inputs (`graph/loop.ts`). */
export interface LoopOp<A> extends OpBase<A> {
  readonly kind: 'loop';
}
/** Small values leave for JavaScript, and what it makes of them comes back in the midst of a step (`graph/host.ts`). */
export interface HostOp<A> extends OpBase<A> {
  readonly kind: 'host';
}

export type Op<A> = LeafOp<A> | ViewOp<A> | PointwiseOp<A> | ReduceOp<A> | KernelOp<A> | LoopOp<A> | HostOp<A>;

/** Declares an operator; the type parameter is its attributes. */
export function defineOp<A, K extends Op<A> = Op<A>>(op: K): K {
  return op;
}
