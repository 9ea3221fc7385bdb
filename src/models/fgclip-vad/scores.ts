// How abnormal a frame and each of its places look: by what the texts say of them, and where that is.
import type { Tensor } from '../../engine/graph/tensor';
import { multiply, subtract } from '../../engine/ops/arithmetic';
import { linear as product } from '../../engine/ops/matmul';
import { softmax } from '../../engine/ops/softmax';
import { reshape, slice } from '../../engine/ops/view';
import { normalize } from '../../layers/normalize';

export const TEMPERATURE = 0.07;

/** Cosines of features [..., F] with texts [C, F] of length 1: [..., C]. */
export function similarities(features: Tensor, texts: Tensor): Tensor {
  return features.node.graph.fullPrecision(() => product(normalize(features, -1, 1e-8), texts));
}

/** Features [..., F] of frames or places, texts [C, F] of length 1 → the classes' probabilities, [..., C]. */
export function classProbabilities(features: Tensor, texts: Tensor, temperature = TEMPERATURE): Tensor {
  return features.node.graph.fullPrecision(() => softmax(multiply(similarities(features, texts), 1 / temperature)));
}

/** 1 less the probability of the first class, normal: [..., C] → [...]. */
export function anomalyOf(probabilities: Tensor): Tensor {
  const first = slice(probabilities, -1, 0, 1);
  return subtract(1, reshape(first, first.shape.slice(0, -1)));
}
