// Depthwise convolution over positions that looks only back: y[p, c] = b[c] + Σ_i w[c, i] u[p − (K − 1) + i, c].
//
// A sum of shifted views: it fuses into one pointwise kernel, and so do its gradients.
import { sizeOf, type Tensor } from '../graph/tensor';
import { add, multiply, multiplyAdd } from './arithmetic';
import { pad, reshape, slice } from './view';

/** u [rows, positions, channels], weight [channels, 1, K] (torch.nn.Conv1d with groups = channels), bias [channels]. */
export function causalConv1d(u: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [, positions = 1, channels = 1] = u.shape;
  const kernel = sizeOf(weight.shape) / channels;
  const taps = reshape(weight, [channels, kernel]);
  let y: Tensor | null = null;
  for (let i = 0; i < kernel; i++) {
    const back = kernel - 1 - i;
    if (back >= positions) continue;
    const shifted = pad(slice(u, 1, 0, positions - back), 1, back, 0);
    const tap = reshape(slice(taps, 1, i, 1), [channels]);
    y = y ? multiplyAdd(shifted, tap, y) : multiply(shifted, tap);
  }
  const sum = y as Tensor;
  return bias ? add(sum, bias) : sum;
}
