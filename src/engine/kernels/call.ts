// One dispatch as the passes see it: source, bindings to tensors, grid, and its counted work.
import type { Tensor } from '../graph/tensor';
import type { Choice } from './choice';

export interface CallBinding {
  readonly tensor: Tensor;
  /** The kernel writes it. */
  readonly written: boolean;
}

/** Numbers of two bindings: the second may lie where the first does, since each place is read before it is written. */
export interface InPlace {
  readonly read: number;
  readonly written: number;
}

export interface Call {
  /** Path of the node and name of the kernel, for profilers and messages. */
  readonly label: string;
  /** WGSL with `@binding(0)` for the step uniforms (if `usesStep`) and then one per entry of `bindings`. */
  readonly source: string;
  readonly entryPoint: string;
  readonly bindings: readonly CallBinding[];
  /** Which bindings may share their memory. */
  readonly inPlace: readonly InPlace[];
  readonly usesStep: boolean;
  readonly workgroups: readonly [number, number, number];
  /** Where it could be made otherwise; dispatches that were chosen together share the object. */
  readonly choice: Choice | null;
  /** Multiply-adds count twice. */
  readonly flops: number;
  /** Bytes of all bound tensors: what at least has to move. */
  readonly bytes: number;
}
