// Adds up what the chunks of a sum left behind: the second dispatch of sums that are cut to keep a device busy.
import { add, constant, scale, variable, type Index } from '../graph/indexing';
import type { Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import { zero, type Lanes } from './lanes';

interface Parts {
  /** Parts one after the other, `size` elements each. */
  readonly parts: number;
  readonly size: number;
  /** Where each of several sums starts in the array; one at 0 by default. */
  readonly starts?: readonly number[];
}

/** WGSL names of the sums over all parts at position `at` of a part. */
export function sumParts(
  builder: KernelBuilder,
  partial: Tensor,
  { parts, size, starts = [0] }: Parts,
  at: Index,
  lanes: Lanes,
): string[] {
  const totals = starts.map(() => builder.fresh('total'));
  for (const total of totals) builder.line(`var ${total} = ${zero(lanes)};`);
  builder.block(`for (var c = 0u; c < ${builder.bound(parts)}; c++)`, () => {
    const here = add(scale(variable('c', parts), size), at);
    totals.forEach((total, k) => {
      builder.line(`${total} += ${builder.load(partial, add(here, constant(starts[k] ?? 0)), lanes)};`);
    });
  });
  return totals;
}
