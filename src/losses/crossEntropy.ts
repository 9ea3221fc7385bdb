// Cross-entropy over classes, as torch.nn.functional.cross_entropy.
import type { Tensor } from '../engine/graph/tensor';
import { divide, maximum } from '../engine/ops/arithmetic';
import { crossEntropy as perLine, type CrossEntropyOptions } from '../engine/ops/crossEntropy';
import { sum } from '../engine/ops/reduce';
import { reduce, type Reduction } from './reduction';

/** A mean over nothing shall be 0, and its gradient too. */
const LEAST = 1e-12;

/**
 * Cross-entropy in nats. Logits [N, C, …] (axis 1 has the classes, or `axis`), targets as class numbers u32 [N, …] or
 * as distributions f32 [N, C, …]. The mean over class numbers is weighted by the class weights of the targets and
 * leaves ignored ones out; unlike PyTorch's it is 0 where all are ignored. Label smoothing: Szegedy et al. 2016,
 * arXiv:1512.00567, section 7.
 */
export function crossEntropy(
  x: Tensor,
  target: Tensor,
  options: CrossEntropyOptions & { readonly reduction?: Reduction } = {},
): Tensor {
  const { loss, weight } = perLine(x, target, options);
  const uneven = options.weight !== undefined || options.ignoreIndex !== undefined;
  if ((options.reduction ?? 'mean') !== 'mean' || target.dtype !== 'u32' || !uneven) {
    return reduce(loss, options.reduction);
  }
  return divide(sum(loss), maximum(sum(weight), LEAST));
}
