// Kullback-Leibler divergence from predicted to wanted distributions.
import type { Tensor } from '../engine/graph/tensor';
import { log, maximum, multiply, subtract } from '../engine/ops/arithmetic';
import { sum } from '../engine/ops/reduce';
import { reduce, type Reduction } from './reduction';

/** Least probability that has a logarithm here; 0 · log of it is 0. */
const LEAST = 1e-30;

/**
 * Σ target (log target − x) in nats, as torch.nn.functional.kl_div: `x` are logarithms of probabilities, `target`
 * probabilities, both [N, …]. 'batchmean', the default, divides the sum by N.
 */
export function klDivergence(x: Tensor, target: Tensor, reduction: Reduction | 'batchmean' = 'batchmean'): Tensor {
  const losses = multiply(target, subtract(log(maximum(target, LEAST)), x));
  return reduction === 'batchmean' ? multiply(sum(losses), 1 / (x.shape[0] ?? 1)) : reduce(losses, reduction);
}
