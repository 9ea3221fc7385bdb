// Group norm and root-mean-square norm, built from layer norm and reductions.
import { normalAxis, type Tensor } from '../graph/tensor';
import { add, inverseSqrt, multiply, multiplyAdd, square } from './arithmetic';
import { layerNorm } from './layerNorm';
import { mean } from './mean';
import { reshape } from './view';

/** Each group of channels of each sample normalised, x [samples, channels, ...], as torch.nn.functional.group_norm. */
export function groupNorm(x: Tensor, groups: number, weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const samples = x.shape[0] ?? 1;
  const normal = reshape(layerNorm(reshape(x, [samples, groups, -1]), 1, 0, epsilon), x.shape);
  const perChannel = (one: Tensor): Tensor => reshape(one, [-1, ...x.shape.slice(2).fill(1)]);
  return multiplyAdd(normal, perChannel(weight), perChannel(bias));
}

/** x / √(mean(x²) + epsilon) · weight over the last axis. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon = 1e-6): Tensor {
  const last = normalAxis(-1, x.shape.length);
  return multiply(multiply(x, inverseSqrt(add(mean(square(x), [last], true), epsilon))), weight);
}
