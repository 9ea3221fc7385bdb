// What pulls matching pairs of two encoders together and pushes all other pairs of the batch apart.
import type { Tensor } from '../engine/graph/tensor';
import { softplus } from '../engine/ops/activation';
import { add, divide, exp, maximum, multiply, multiplyAdd, negate, stopGradient } from '../engine/ops/arithmetic';
import { crossEntropy } from './crossEntropy';
import { oneHot } from '../engine/ops/gather';
import { matmul } from '../engine/ops/matmul';
import { sum } from '../engine/ops/reduce';
import { concat } from '../engine/ops/concat';
import { reshape, transpose } from '../engine/ops/view';
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

/** Added to the logits of what is no candidate. */
const FAR = -1e9;

/** More negatives than the batch has: features of earlier batches, which get no gradient. */
export interface ContrastBank {
  /** [K, D] of length 1. */
  readonly images: Tensor;
  readonly texts: Tensor;
  /** [K], 1 where there is an entry. */
  readonly filled: Tensor;
}

export interface ClipContrastOptions {
  /** [N], 1 for pairs that count and 0 for those that are only there to fill the batch; all by default. */
  readonly valid?: Tensor;
  readonly bank?: ContrastBank;
}

/**
 * CLIP's symmetric loss: Radford et al. 2021, arXiv:2103.00020, figure 3. Features [N, D] of any length, row i of one
 * belongs to row i of the other; `logitScale` is the logarithm of the inverse temperature, a scalar. 0 where no pair
 * counts.
 */
export function clipContrastive(
  image: Tensor,
  text: Tensor,
  logitScale: Tensor,
  { valid, bank }: ClipContrastOptions = {},
): Tensor {
  const logits = similarities(image, text, logitScale);
  const target = matches(image);
  const among = (own: Tensor, queries: Tensor, others: Tensor | undefined): Tensor => {
    const candidates = valid ? add(own, multiplyAdd(valid, -FAR, FAR)) : own;
    if (!bank || !others) return crossEntropy(candidates, target, { axis: 1, reduction: 'none' });
    const far = multiplyAdd(bank.filled, -FAR, FAR);
    const more = add(similarities(queries, stopGradient(others), logitScale), far);
    return crossEntropy(concat([candidates, more], 1), target, { axis: 1, reduction: 'none' });
  };
  const both = add(among(logits, image, bank?.texts), among(transpose(logits, 0, 1), text, bank?.images));
  if (!valid) return multiply(sum(both), 0.5 / (image.shape[0] ?? 1));
  return divide(sum(multiply(both, valid)), maximum(multiply(sum(valid), 2), 1));
}

/**
 * Cross-entropy of each query with the first of its own candidates, the others being hard negatives: Xie et al. 2025,
 * FG-CLIP, arXiv:2505.05071, section 3.3. Queries [N, D] and candidates [N, K, D] of any length; mean over the queries
 * that count, 0 where none does.
 */
export function hardNegativeContrastive(
  queries: Tensor,
  candidates: Tensor,
  logitScale: Tensor,
  valid: Tensor,
): { loss: Tensor; logits: Tensor } {
  const [count = 1, , width = 1] = candidates.shape;
  const cosines = sum(multiply(reshape(normalize(queries), [count, 1, width]), normalize(candidates)), [2]);
  const logits = multiply(cosines, exp(logitScale));
  const first = queries.node.graph.constant(new Uint32Array(count), [count]);
  const each = crossEntropy(logits, first, { axis: 1, reduction: 'none' });
  return { loss: divide(sum(multiply(each, valid)), maximum(sum(valid), 1)), logits };
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
