// What a model says of published checkpoints that are not simply its own state_dict; a model's weights.ts exports one.

import type { WeightReport } from './weightReport';

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
  /** Refuses a file that would spoil the model though much of it fits: throws UserError. */
  accept?(report: WeightReport, shapes: ReadonlyMap<string, readonly number[]>): void;
}

/** The rules, or what makes them for a file that holds tensors of these names. */
export type WeightRulesFor = WeightRules | ((names: Iterable<string>) => WeightRules);

/** The dict of a file that the rules ask for, where they do before they know its names. */
export function groupOf(rules: WeightRulesFor | undefined): string | undefined {
  return typeof rules === 'function' ? undefined : rules?.group;
}
