// Losses of numbers against numbers: absolute, squared, and squared near zero but absolute beyond.
import type { Tensor } from '../engine/graph/tensor';
import { abs, minimum, multiply, square, subtract } from '../engine/ops/arithmetic';
import { reduce, type Reduction } from './reduction';

/** |x − target|, as torch.nn.functional.l1_loss; the shapes broadcast. */
export function l1Loss(x: Tensor, target: Tensor, reduction?: Reduction): Tensor {
  return reduce(abs(subtract(x, target)), reduction);
}

/** (x − target)², as torch.nn.functional.mse_loss; the shapes broadcast. */
export function mseLoss(x: Tensor, target: Tensor, reduction?: Reduction): Tensor {
  return reduce(square(subtract(x, target)), reduction);
}

/** d² / 2 up to `delta`, then delta (d − delta / 2), for d = |x − target|. */
function huber(x: Tensor, target: Tensor, delta: number): Tensor {
  const distance = abs(subtract(x, target));
  const near = minimum(distance, delta);
  return multiply(near, subtract(distance, multiply(near, 0.5)));
}

/** Huber's loss with its bend at `delta`, in squared units of x, as torch.nn.functional.huber_loss. */
export function huberLoss(
  x: Tensor,
  target: Tensor,
  options: { readonly delta?: number; readonly reduction?: Reduction } = {},
): Tensor {
  return reduce(huber(x, target, options.delta ?? 1), options.reduction);
}

/**
 * Huber's loss divided by its bend `beta`, so that its slope ends at 1: Girshick 2015, arXiv:1504.08083, equation 3;
 * as torch.nn.functional.smooth_l1_loss. A bend of 0 gives |x − target|.
 */
export function smoothL1Loss(
  x: Tensor,
  target: Tensor,
  options: { readonly beta?: number; readonly reduction?: Reduction } = {},
): Tensor {
  const { beta = 1, reduction } = options;
  if (beta === 0) return l1Loss(x, target, reduction);
  return reduce(multiply(huber(x, target, beta), 1 / beta), reduction);
}
