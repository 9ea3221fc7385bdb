// Stochastic depth: in training a residual branch is left out for some samples; Huang et al. 2016, arXiv:1603.09382.
import type { Tensor } from '../engine/graph/tensor';
import { multiply } from '../engine/ops/arithmetic';
import { dropout } from '../engine/ops/dropout';

/**
 * Zeroes whole entries of the first axis with `probability` and divides the others by the chance to stay, as timm's
 * DropPath in training; the identity where the probability is 0.
 */
export function dropPath(branch: Tensor, probability: number): Tensor {
  if (probability === 0) return branch;
  const samples = branch.shape[0] ?? 1;
  const ones = branch.node.graph.constant(new Float32Array(samples).fill(1), [
    samples,
    ...branch.shape.slice(1).map(() => 1),
  ]);
  return multiply(branch, dropout(ones, probability));
}
