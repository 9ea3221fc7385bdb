// How the losses of single elements become one number, by PyTorch's names.
import type { Tensor } from '../engine/graph/tensor';
import { mean } from '../engine/ops/mean';
import { sum } from '../engine/ops/reduce';

export type Reduction = 'mean' | 'sum' | 'none';

/** The mean or sum over all elements, or the elements themselves. */
export function reduce(losses: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(losses) : mean(losses);
}
