// torch.nn.Linear over a place in the parameter tree.
import { defaultInitializer, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { linear as product } from '../engine/ops/matmul';

/** x Wᵀ + b over the last axis; `weight` [features, in], `bias` [features] unless switched off. */
export function linear(p: Parameters, x: Tensor, features: number, options: { bias?: boolean } = {}): Tensor {
  const inner = x.shape[x.shape.length - 1] ?? 1;
  const weight = p.weight('weight', [features, inner], defaultInitializer(inner));
  if (options.bias === false) return product(x, weight);
  return product(x, weight, p.weight('bias', [features], defaultInitializer(inner)));
}
