// Losses that want one thing nearer or higher than another by a margin.
import type { Tensor } from '../engine/graph/tensor';
import { relu } from '../engine/ops/activation';
import { add, sqrt, square, subtract } from '../engine/ops/arithmetic';
import { sum } from '../engine/ops/reduce';
import { reduce, type Reduction } from './reduction';

interface MarginOptions {
  readonly margin?: number;
  readonly reduction?: Reduction;
}

/** PyTorch adds this to each difference, so that equal vectors have a gradient. */
const EPSILON = 1e-6;

function distance(a: Tensor, b: Tensor): Tensor {
  return sqrt(sum(square(add(subtract(a, b), EPSILON)), [-1]));
}

/**
 * max(0, |anchor − positive| − |anchor − negative| + margin) over vectors [..., D] with Euclidean distances, as
 * torch.nn.functional.triplet_margin_loss: Balntas et al. 2016, Learning local feature descriptors with triplets.
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, reduction }: MarginOptions = {},
): Tensor {
  const difference = subtract(distance(anchor, positive), distance(anchor, negative));
  return reduce(relu(add(difference, margin)), reduction);
}

/** max(0, margin − higher + lower): torch.nn.functional.margin_ranking_loss where the first shall rank higher. */
export function marginRankingLoss(
  higher: Tensor,
  lower: Tensor,
  { margin = 0, reduction }: MarginOptions = {},
): Tensor {
  return reduce(relu(add(subtract(lower, higher), margin)), reduction);
}
