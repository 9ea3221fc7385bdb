// From the features of frames to one logit per clip, and how much each frame counts (spec section 3).
import { zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import { argmax } from '../../engine/ops/argmax';
import { abs, multiply } from '../../engine/ops/arithmetic';
import { dropout } from '../../engine/ops/dropout';
import { max } from '../../engine/ops/extremes';
import { oneHot } from '../../engine/ops/gather';
import { linear } from '../../engine/ops/matmul';
import { mean } from '../../engine/ops/mean';
import { sum } from '../../engine/ops/reduce';
import { softmax } from '../../engine/ops/softmax';
import { expand } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/view';
import type { MntsmConfig, Pooling } from './config';

export interface Pooled {
  /** [clips] */
  readonly logit: Tensor;
  /** How much each frame counts, [clips, segments]; the frames of a clip add up to 1. */
  readonly alpha: Tensor;
  /** The classifier's word on each frame by itself, [clips, segments]. */
  readonly frameLogits: Tensor;
}

/** features [clips, segments, F] → one logit per clip. Dropout only in training. */
export function poolFrames(
  p: Parameters,
  features: Tensor,
  config: Pick<MntsmConfig, 'pooling' | 'dropout' | 'headStart'>,
  training: boolean,
): Pooled {
  const [clips = 1, segments = 1, width = 1] = features.shape;
  const rate = training ? config.dropout : 0;
  const place = p.at('classifier');
  const bound = config.headStart === 'timm' ? 1 : 1 / Math.sqrt(width);
  const weight = place.weight('weight', [1, width], { kind: 'uniform', bound });
  const bias = place.weight('bias', [1], zeros);
  const classify = (x: Tensor): Tensor => linear(x, weight, bias);
  if (config.pooling === 'learned') {
    const alpha = softmax(linear(features, p.at('attn').weight('weight', [1, width], zeros)), 1);
    const whole = sum(multiply(alpha, features), [1]);
    return {
      logit: reshape(classify(dropout(whole, rate)), [clips]),
      alpha: reshape(alpha, [clips, segments]),
      frameLogits: reshape(classify(features), [clips, segments]),
    };
  }
  const frameLogits = reshape(classify(dropout(features, rate)), [clips, segments]);
  const alpha = frameWeights(frameLogits, config.pooling);
  return { logit: sum(multiply(alpha, frameLogits), [1]), alpha, frameLogits };
}

/** Weights [clips, segments] that follow from the frames' logits; the largest logit's first frame alone for `max`. */
function frameWeights(frameLogits: Tensor, pooling: Exclude<Pooling, 'learned'>): Tensor {
  const [, segments = 1] = frameLogits.shape;
  switch (pooling) {
    case 'mean':
      return expand(reshape(frameLogits.node.graph.scalar(1 / segments), [1, 1]), frameLogits.shape);
    case 'max':
      return oneHot(argmax(frameLogits, 1), segments);
    case 'logit':
      return softmax(abs(frameLogits), 1);
  }
}

/** Upstream's score of a clip in evaluation, which pools probabilities where training pools logits: [clips]. */
export function upstreamProbability(frameLogits: Tensor, pooling: Exclude<Pooling, 'learned'>): Tensor {
  const probabilities = sigmoid(frameLogits);
  switch (pooling) {
    case 'mean':
      return mean(probabilities, [1]);
    case 'max':
      return max(probabilities, [1]);
    case 'logit':
      return sum(multiply(softmax(frameLogits, 1), probabilities), [1]);
  }
}
