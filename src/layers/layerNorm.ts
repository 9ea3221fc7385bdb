// torch.nn.LayerNorm over the last axis.
import { ones, zeros, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { layerNorm as normalise } from '../engine/ops/layerNorm';

/** Normalises the last axis, affine. */
export function layerNorm(p: Parameters, x: Tensor, epsilon = 1e-5): Tensor {
  const features = x.shape[x.shape.length - 1] ?? 1;
  return normalise(x, p.weight('weight', [features], ones), p.weight('bias', [features], zeros), epsilon);
}
