// One dispatch as the passes see it: source, bindings to tensors, grid, and its counted work.
import type { Tensor } from '../graph/tensor';

export interface CallBinding {
  readonly tensor: Tensor;
  /** The kernel writes it. */
  readonly written: boolean;
}

export interface Call {
  /** Path of the node and name of the kernel, for profilers and messages. */
  readonly label: string;
  /** WGSL with `@binding(0)` for the step uniforms (if `usesStep`) and then one per entry of `bindings`. */
  readonly source: string;
  readonly entryPoint: string;
  readonly bindings: readonly CallBinding[];
  readonly usesStep: boolean;
  readonly workgroups: readonly [number, number, number];
  /** Multiply-adds count twice. */
  readonly flops: number;
  /** Bytes of all bound tensors: what at least has to move. */
  readonly bytes: number;
}
