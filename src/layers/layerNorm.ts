// torch.nn.LayerNorm over the last axis.
import { ones, zeros, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { layerNorm as normalise } from '../engine/ops/layerNorm';

/** Normalises the last axis; epsilon 1e-5, affine. */
export function layerNorm(p: Parameters, x: Tensor): Tensor {
  const features = x.shape[x.shape.length - 1] ?? 1;
  return normalise(x, p.weight('weight', [features], ones), p.weight('bias', [features], zeros));
}
