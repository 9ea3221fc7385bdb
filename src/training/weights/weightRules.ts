// What a model says of published checkpoints that are not simply its own state_dict; a model's weights.ts exports one.

/** Where a tensor of a file goes, or a part of it. */
export interface Placement {
  /** Name in our state_dict. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Takes these values out of the file's, for parts of fused and for transposed tensors; all of them by default. */
  readonly take?: (values: Float32Array) => Float32Array;
  /** Several tensors of the file make ours, one after the other along its first axis: which of them this is, from 0. */
  readonly part?: { readonly number: number; readonly of: number };
}

export interface WeightRules {
  /** The dict to take if the file has it, for example `state_dict_ema`. */
  readonly group?: string;
  /** Places of a tensor of the file; none for what is known and not needed. By default its own name. */
  place?(name: string, shape: readonly number[]): readonly Placement[];
  /** How values of another shape are made to fit, or null where they cannot be. */
  resize?(
    name: string,
    from: readonly number[],
    to: readonly number[],
  ): ((values: Float32Array) => Float32Array) | null;
  /** True for weights that published checkpoints lack, such as adapters and new heads: they are not missed. */
  startsFresh?(name: string): boolean;
}
