// How an op that has kernels of its own becomes dispatches.
import type { DType, KernelOpFacts, Node, Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import type { Target } from './target';

/** The sum of one operand of a product over the inner axis, one number for each row of the left or column of the right. */
export interface OperandSum {
  readonly operand: 'left' | 'right';
  readonly sum: Node;
}

/** A kernel under construction by an anchor op; the builder handles loads, epilogues, bindings and names. */
export interface Lowering {
  readonly node: Node;
  readonly target: Target;
  /** Results of this node's group that have to be written. */
  readonly outputs: readonly Tensor[];
  /** What the dispatches of a product have to make too. */
  readonly operandSum: OperandSum | null;
  /** Starts one dispatch of this node. Every output must be stored by exactly one of its dispatches. */
  kernel(name: string): KernelBuilder;
  /** One of several ways to make this kernel: what tuning found for kernels of this key, else the first. */
  readonly choose: <V>(key: string, variants: ReadonlyMap<string, V>) => V;
  /** A temporary array that lives from this node's first dispatch to its last. */
  scratch(size: number, dtype?: DType): Tensor;
}

/** Has kernels of its own; pointwise neighbours may join as their epilogue. */
export interface KernelOp<A> extends KernelOpFacts<A> {
  lower(lowering: Lowering, inputs: readonly Tensor[], attributes: A, outputs: readonly Tensor[]): readonly Call[];
}
