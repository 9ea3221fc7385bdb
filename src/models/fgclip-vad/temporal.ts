// From the features of frames to those of a video: a transformer over time, then a weighted mean.
//
// The transformer has no positions: it sees which frames there are, not their order, unless `inTime` adds some.
import { zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { add, multiply } from '../../engine/ops/arithmetic';
import { sum } from '../../engine/ops/reduce';
import { maskedSoftmax, softmax } from '../../engine/ops/softmax';
import { reshape } from '../../engine/ops/view';
import { linear } from '../../layers/linear';
import { normalize } from '../../layers/normalize';
import { transformerEncoderLayer } from '../../layers/transformerLayer';
import type { TemporalConfig } from './config';

export interface TemporalOutput {
  /** Frames that have seen each other, [videos, frames, features]. */
  readonly frames: Tensor;
  /** How much each frame counts, [videos, frames]. */
  readonly weights: Tensor;
  /** Of length 1, [videos, features]. */
  readonly video: Tensor;
}

/** frames [videos, frames, features]; `mask` [videos, frames] is 0 where a video has ended. */
export function temporal(
  p: Parameters,
  frames: Tensor,
  config: TemporalConfig,
  { mask, training }: { readonly mask?: Tensor; readonly training: boolean },
): TemporalOutput {
  const [videos = 1, length = 1] = frames.shape;
  const { heads, inner } = config;
  const dropout = training ? config.dropout : 0;
  const layers = p.at('temporal_transformer').at('layers');
  let x = frames;
  for (let k = 0; k < config.layers; k++)
    x = transformerEncoderLayer(layers.at(k), x, { heads, inner, activation: 'gelu', dropout, ...(mask && { mask }) });
  return p.graph.fullPrecision(() => {
    const weigh = p.at('temporal_attention');
    const scores = reshape(linear(weigh.at(2), relu(linear(weigh.at(0), x, config.attentionInner)), 1), [
      videos,
      length,
    ]);
    const weights = mask ? maskedSoftmax(scores, mask) : softmax(scores);
    const video = normalize(sum(multiply(reshape(weights, [videos, length, 1]), x), [1]), -1, 1e-8);
    return { frames: x, weights, video };
  });
}

/** frames [videos, frames, features], each with what is learned of its place in the window: at first nothing. */
export function inTime(p: Parameters, frames: Tensor): Tensor {
  const [, length = 1, features = 1] = frames.shape;
  return add(frames, p.at('temporal_positions').weight('weight', [length, features], zeros));
}
