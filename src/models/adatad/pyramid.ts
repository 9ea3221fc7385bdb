// The detector's projection: convolutions and transformer blocks over time, each level half as long (spec 3.1 and 3.2).
import { defaultInitializer, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { gelu, relu } from '../../engine/ops/activation';
import { add, multiply, multiplyAdd } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { convolution } from '../../engine/ops/convolution';
import { linear } from '../../engine/ops/matmul';
import { maxPool } from '../../engine/ops/maxPool';
import { reshape, slice } from '../../engine/ops/view';
import { dropPath } from '../../layers/dropPath';
import { layerNorm } from '../../layers/layerNorm';
import type { DetectorConfig } from './config';

/** Of convolution modules and the neck; transformer blocks have PyTorch's own 1e-5. */
export const MODULE_EPSILON = 1e-6;

/** Positions over time [B, T, C] and which of them are there, [B, T, 1] of 1 and 0. */
export interface Level {
  readonly x: Tensor;
  readonly mask: Tensor;
}

/** Every second entry of a mask. */
export function halved(mask: Tensor): Tensor {
  const [samples = 1, length = 1] = mask.shape;
  return reshape(slice(reshape(mask, [samples, length / 2, 2, 1]), 2, 0, 1), [samples, length / 2, 1]);
}

/** Convolution over three positions, masked, normalised, ReLU, masked. */
export function convolutionModule(p: Parameters, { x, mask }: Level, channels: number): Tensor {
  const inputs = x.shape.at(-1) ?? 1;
  const weight = p.at('conv').weight('weight', [channels, inputs, 3], defaultInitializer(3 * inputs));
  const y = multiply(convolution(x, weight, null, { padding: 1, channels: 'last' }), mask);
  return multiply(relu(layerNorm(p.at('norm'), y, MODULE_EPSILON)), mask);
}

/** A convolution of kernel 1, by upstream's shape of its weight. */
function pointwise(p: Parameters, x: Tensor, channels: number): Tensor {
  const inputs = x.shape.at(-1) ?? 1;
  const weight = p.weight('weight', [channels, inputs, 1], defaultInitializer(inputs));
  return linear(x, reshape(weight, [channels, inputs]), p.weight('bias', [channels], zeros));
}

/**
 * Attention of all positions to all that are there, `mask` of those that the stride leaves. The convolutions before it
 * see what the normalisation made of positions that are not there, as upstream's do.
 */
function maskedAttention(p: Parameters, x: Tensor, mask: Tensor, heads: number, stride: 1 | 2): Tensor {
  const channels = x.shape.at(-1) ?? 1;
  const path = (name: string): Tensor => {
    const weight = p.at(`${name}_conv`).at('conv').weight('weight', [channels, 1, 3], defaultInitializer(3));
    const y = convolution(x, weight, null, { stride, padding: 1, groups: channels, channels: 'last' });
    return pointwise(p.at(name), layerNorm(p.at(`${name}_norm`), multiply(y, mask)), channels);
  };
  const [samples = 1, length = 1] = mask.shape;
  const there = reshape(mask, [samples, 1, 1, length]);
  const mixed = attention(path('query'), path('key'), path('value'), { heads, axis: 1, mask: there });
  return multiply(pointwise(p.at('proj'), mixed, channels), mask);
}

/** Pre-norm transformer block; with stride 2 the residual path takes the largest of three neighbours. */
function transformerBlock(
  p: Parameters,
  level: Level,
  config: DetectorConfig,
  stride: 1 | 2,
  training: boolean,
): Level {
  const { channels, heads, branchScale } = config;
  const rate = training ? config.dropPath : 0;
  const scale = (name: string): Tensor =>
    reshape(p.at(name).weight('scale', [1, channels, 1], { kind: 'constant', value: branchScale }), [channels]);
  const { x, mask } = level;
  const to = stride === 1 ? mask : halved(mask);
  const skip = stride === 1 ? x : maxPool(x, { kernelSize: 3, stride, padding: 1, axes: [1] });
  const attended = maskedAttention(p.at('attn'), layerNorm(p.at('ln1'), x), to, heads, stride);
  const y = add(multiply(skip, to), dropPath(multiply(attended, scale('drop_path_attn')), rate));
  const hidden = gelu(pointwise(p.at('mlp').at(0), layerNorm(p.at('ln2'), y), 4 * channels));
  const mixed = multiply(pointwise(p.at('mlp').at(3), hidden, channels), to);
  const branch = scale('drop_path_mlp');
  const z = rate === 0 ? multiplyAdd(mixed, branch, y) : add(y, dropPath(multiply(mixed, branch), rate));
  return { x: z, mask: to };
}

/** Features [B, T, inputs] and their mask [B, T, 1] → levels of T, T / 2, T / 4 … positions. */
export function pyramid(p: Parameters, features: Level, config: DetectorConfig, training: boolean): Level[] {
  const { graph } = p;
  const { mask } = features;
  let x = features.x;
  for (let k = 0; k < config.embedLayers; k++) x = convolutionModule(p.at('embed').at(k), { x, mask }, config.channels);
  const block = (place: Parameters, level: Level, stride: 1 | 2): Level =>
    graph.recompute(() => graph.scope(place.path, () => transformerBlock(place, level, config, stride, training)));
  let level: Level = { x, mask };
  for (let k = 0; k < config.stemLayers; k++) level = block(p.at('stem').at(k), level, 1);
  const levels = [level];
  for (let k = 0; k < config.levels - 1; k++) {
    level = block(p.at('branch').at(k), level, 2);
    levels.push(level);
  }
  return levels;
}
