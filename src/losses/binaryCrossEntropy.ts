// Binary cross-entropy of logits and its focal form, stable for logits of any size.
import type { Tensor } from '../engine/graph/tensor';
import { sigmoid, softplus } from '../engine/ops/activation';
import { add, maximum, multiply, multiplyAdd, negate, subtract } from '../engine/ops/arithmetic';
import { power } from '../engine/ops/power';
import { reduce, type Reduction } from './reduction';

/** Powers of less are not told apart; keeps the gradient of exponents below 1 finite. */
const LEAST = 1e-30;

/** weight t softplus(−x) + (1 − t) softplus(x), element by element; no large terms that cancel. */
function perElement(x: Tensor, target: Tensor, positiveWeight?: Tensor): Tensor {
  const share = positiveWeight ? multiply(positiveWeight, target) : target;
  return add(multiply(share, softplus(negate(x))), multiply(subtract(1, target), softplus(x)));
}

/**
 * As torch.nn.functional.binary_cross_entropy_with_logits, in nats. Logits and targets in [0, 1] have equal shapes;
 * `positiveWeight` (pos_weight) broadcasts to them.
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: { readonly positiveWeight?: Tensor; readonly reduction?: Reduction } = {},
): Tensor {
  return reduce(perElement(x, target, options.positiveWeight), options.reduction);
}

/**
 * Focal loss on sigmoids, α_t (1 − p_t)^γ · cross-entropy: Lin et al. 2017, arXiv:1708.02002, equation 5; as
 * torchvision.ops.sigmoid_focal_loss. Logits and targets in [0, 1] have equal shapes. `alpha` weighs the positives
 * and 1 − alpha the negatives, a negative one nothing; `gamma` is any number from 0 on. `positiveWeight` multiplies
 * the positives' loss and broadcasts to them.
 */
export function sigmoidFocalLoss(
  x: Tensor,
  target: Tensor,
  options: {
    readonly alpha?: number;
    readonly gamma?: number;
    readonly positiveWeight?: Tensor;
    readonly reduction?: Reduction;
  } = {},
): Tensor {
  const { alpha = 0.25, gamma = 2 } = options;
  let loss = perElement(x, target, options.positiveWeight);
  if (gamma !== 0) {
    // 1 − p_t without a difference from 1, which would lose the small ones.
    const miss = add(multiply(target, sigmoid(negate(x))), multiply(subtract(1, target), sigmoid(x)));
    loss = multiply(loss, power(maximum(miss, LEAST), gamma));
  }
  if (alpha >= 0) loss = multiply(loss, multiplyAdd(target, 2 * alpha - 1, 1 - alpha));
  return reduce(loss, options.reduction);
}
