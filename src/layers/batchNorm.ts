// torch.nn.BatchNorm over any axis, with its running statistics.
import type { Initializer } from '../engine/graph/graph';
import { ones, zeros, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { batchNorm as normalise } from '../engine/ops/batchNorm';

export interface BatchNormOptions {
  readonly axis: number;
  readonly training: boolean;
  /** Start of the weights; ones by default. */
  readonly weightStart?: Initializer;
}

/** Normalises each entry of `axis` over all other axes; batch statistics and their running means in training. */
export function batchNorm(p: Parameters, x: Tensor, { axis, training, weightStart = ones }: BatchNormOptions): Tensor {
  const channels = x.shape[axis] ?? 1;
  const weight = p.weight('weight', [channels], weightStart);
  const bias = p.weight('bias', [channels], zeros);
  const runningMean = p.buffer('running_mean', [channels], zeros);
  const runningVariance = p.buffer('running_var', [channels], ones);
  p.counter('num_batches_tracked', training ? 1 : 0);
  const result = normalise(x, weight, bias, runningMean, runningVariance, {
    axis,
    training,
    momentum: 0.1,
    epsilon: 1e-5,
  });
  if (training) {
    p.update('running_mean', result.newRunningMean);
    p.update('running_var', result.newRunningVar);
  }
  return result.y;
}
