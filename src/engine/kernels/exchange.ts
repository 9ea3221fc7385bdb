// Folds values over neighbouring invocations of a subgroup, without workgroup memory.
import type { KernelBuilder } from './builder';

/**
 * The values of `count` invocations folded, in all of them alike: of those whose `local.x` differ in the bits from
 * `apart` on. The caller says builder.useExchange().
 */
export function exchanged(
  builder: KernelBuilder,
  value: string,
  count: number,
  pair: (a: string, b: string) => string,
  apart = 1,
): string {
  let folded = value;
  for (let step = 1; step < count; step *= 2) {
    folded = builder.let(pair(folded, `subgroupShuffleXor(${folded}, ${step * apart}u)`));
  }
  return folded;
}
