// What the weakly supervised head learns from: the frames that look worst must make an abnormal video.
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import {
  abs,
  add,
  divide,
  greaterEqual,
  log,
  maximum,
  multiply,
  negate,
  select,
  subtract,
} from '../../engine/ops/arithmetic';
import { linear as product } from '../../engine/ops/matmul';
import { mean } from '../../engine/ops/mean';
import { sum } from '../../engine/ops/reduce';
import { topk } from '../../engine/ops/sort';
import { reshape, slice } from '../../engine/ops/view';
import { normalize } from '../../layers/normalize';
import { crossEntropy } from '../../losses/crossEntropy';
import type { Losses } from './loss';
import type { MilOutput } from './milHead';

/** One frame in so many counts, and one more. */
const ONE_IN = 16;
/** Below any score. */
const FAR = -1e9;

/** The least probability whose logarithm is taken: f32 knows hardly smaller ones. */
const LEAST = 1e-37;

/**
 * Mean of what `of` makes of the ⌊length / 16⌋ + 1 largest along the frames, by default of them as they are: scores
 * [videos, frames, n], mask [videos, frames] → [videos, n].
 */
export function topMean(scores: Tensor, mask: Tensor, of = (largest: Tensor): Tensor => largest): Tensor {
  const { graph } = scores.node;
  const [videos = 1, length = 1] = mask.shape;
  const most = Math.floor(length / ONE_IN) + 1;
  const { values } = topk(select(reshape(mask, [videos, length, 1]), scores, FAR), most, 1);
  const starts = graph.constant(
    Float32Array.from({ length: most }, (_, k) => k * ONE_IN),
    [1, most],
  );
  const counts = greaterEqual(reshape(sum(mask, [1]), [videos, 1]), starts);
  const shares = divide(counts, sum(counts, [1], true));
  const largest = select(reshape(counts, [videos, most, 1]), values, 0);
  return sum(multiply(of(largest), reshape(shares, [videos, most, 1])), [1]);
}

/**
 * labels [videos, classes] of 0 and 1, the first class normal; texts [classes, width] before they met the video. Of the
 * videos those count where `valid` [videos] is 1; all by default.
 */
export function milLoss(output: MilOutput, texts: Tensor, labels: Tensor, mask: Tensor, valid?: Tensor): Losses {
  return labels.node.graph.fullPrecision(() => {
    const [videos = 1, length = 1] = mask.shape;
    const [classes = 1] = texts.shape;
    const over = (each: Tensor): Tensor =>
      valid ? divide(sum(multiply(each, valid)), maximum(sum(valid), 1)) : mean(each);
    const abnormal = subtract(1, reshape(slice(labels, 1, 0, 1), [videos]));
    const binary = reshape(output.binary, [videos, length, 1]);
    // Not 1 less the other, which a sure head rounds to 0: its logarithm has no gradient that is a number.
    const isAbnormal = topMean(binary, mask, sigmoid);
    const isNormal = topMean(binary, mask, (logits) => sigmoid(negate(logits)));
    const logarithm = (x: Tensor): Tensor => log(maximum(reshape(x, [videos]), LEAST));
    const said = add(multiply(abnormal, logarithm(isAbnormal)), multiply(subtract(1, abnormal), logarithm(isNormal)));
    const shares = divide(labels, sum(labels, [1], true));
    const unit = normalize(texts);
    const apart = abs(product(slice(unit, 0, 1, classes - 1), slice(unit, 0, 0, 1)));
    const parts = new Map([
      ['binary', multiply(over(said), -1)],
      ['align', over(crossEntropy(topMean(output.classes, mask), shares, { reduction: 'none' }))],
      ['text', multiply(mean(apart), 0.1)],
    ]);
    return { total: [...parts.values()].reduce((a, b) => add(a, b)), parts };
  });
}
