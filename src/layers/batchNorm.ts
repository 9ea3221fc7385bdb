// torch.nn.BatchNorm over any axis, with its running statistics.
import { ones, zeros, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { batchNorm as normalise } from '../engine/ops/batchNorm';

/** Normalises each entry of `axis` over all other axes; batch statistics and their running means in training. */
export function batchNorm(p: Parameters, x: Tensor, options: { axis: number; training: boolean }): Tensor {
  const channels = x.shape[options.axis] ?? 1;
  const weight = p.weight('weight', [channels], ones);
  const bias = p.weight('bias', [channels], zeros);
  const runningMean = p.buffer('running_mean', [channels], zeros);
  const runningVariance = p.buffer('running_var', [channels], ones);
  p.counter('num_batches_tracked', options.training ? 1 : 0);
  const result = normalise(x, weight, bias, runningMean, runningVariance, { ...options, momentum: 0.1, epsilon: 1e-5 });
  if (options.training) {
    p.update('running_mean', result.newRunningMean);
    p.update('running_var', result.newRunningVar);
  }
  return result.y;
}
