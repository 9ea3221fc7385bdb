// What pulls matching pairs of two encoders together and pushes all other pairs of the batch apart.
import type { Tensor } from '../engine/graph/tensor';
import { softplus } from '../engine/ops/activation';
import { add, exp, multiply, multiplyAdd, negate } from '../engine/ops/arithmetic';
import { crossEntropy } from './crossEntropy';
import { oneHot } from '../engine/ops/gather';
import { matmul } from '../engine/ops/matmul';
import { sum } from '../engine/ops/reduce';
import { transpose } from '../engine/ops/view';
import { normalize } from '../layers/normalize';

/** exp(logitScale) · cosine of each pair, [N, N]: rows are images, columns texts. */
function similarities(image: Tensor, text: Tensor, logitScale: Tensor): Tensor {
  return multiply(matmul(normalize(image), transpose(normalize(text), 0, 1)), exp(logitScale));
}

/** The numbers 0 … n − 1: row i matches column i. */
function matches(like: Tensor): Tensor {
  const count = like.shape[0] ?? 1;
  return like.node.graph.constant(
    Uint32Array.from({ length: count }, (_, k) => k),
    [count],
  );
}

/**
 * CLIP's symmetric loss: Radford et al. 2021, arXiv:2103.00020, figure 3. Features [N, D] of any length, row i of one
 * belongs to row i of the other; `logitScale` is the logarithm of the inverse temperature, a scalar.
 */
export function clipContrastive(image: Tensor, text: Tensor, logitScale: Tensor): Tensor {
  const logits = similarities(image, text, logitScale);
  const target = matches(image);
  const both = add(crossEntropy(logits, target, { axis: 1 }), crossEntropy(logits, target, { axis: 0 }));
  return multiply(both, 0.5);
}

/**
 * SigLIP's loss, each pair on its own: Zhai et al. 2023, arXiv:2303.15343, algorithm 1. Features [N, D] of any length;
 * `logitScale` as above, `bias` a scalar. Summed over the pairs of a row, mean over rows.
 */
export function sigmoidContrastive(image: Tensor, text: Tensor, logitScale: Tensor, bias: Tensor): Tensor {
  const logits = add(similarities(image, text, logitScale), bias);
  const count = image.shape[0] ?? 1;
  const sign = multiplyAdd(oneHot(matches(image), count), 2, -1);
  return multiply(sum(softplus(negate(multiply(sign, logits)))), 1 / count);
}
