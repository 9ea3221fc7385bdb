// MotionAGFormer with an optional MambaGCN branch: 2D key points of a clip to 3D (spec sections 2 to 4).
import type { Parameters } from '../../engine/graph/parameters';
import { defaultInitializer, zeros } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { gelu, tanh } from '../../engine/ops/activation';
import { add, multiply, multiplyAdd } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { linear as product } from '../../engine/ops/matmul';
import { softmax } from '../../engine/ops/softmax';
import { slice } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import type { PoseConfig, Tap } from './config';
import { graphMixer } from './graphMixer';
import { mambaGcn } from './mambaGcn';

export interface PoseModelOptions {
  readonly training: boolean;
  readonly tap?: Tap;
}

/** x [B, T, 17, dimIn] normalised (spec section 9) → [B, T, 17, dimOut]. */
export function poseModel(p: Parameters, x: Tensor, config: PoseConfig, options: PoseModelOptions): Tensor {
  const tap = options.tap ?? (() => undefined);
  const { graph } = p;
  const embed = p.at('joints_embed');
  const bound = 1 / Math.sqrt(config.dimIn);
  let y = product(
    x,
    embed.weight('weight', [config.dimFeat, config.dimIn], { kind: 'uniform', bound: bound * config.inputGain }),
    embed.weight('bias', [config.dimFeat], { kind: 'uniform', bound }),
  );
  tap('joints_embed', y);
  y = add(y, p.weight('pos_embed', [1, 17, config.dimFeat], zeros));
  for (let k = 0; k < config.layers; k++) {
    const place = p.at('layers').at(k);
    const input = y;
    y = graph.recompute(() => graph.scope(place.path, () => poseLayer(place, input, config, options.training, tap)));
    tap(place.path, y);
  }
  y = layerNorm(p.at('norm'), y);
  tap('norm', y);
  y = tanh(linear(p.at('rep_logit').at('fc'), y, config.dimRep));
  tap('rep_logit', y);
  return linear(p.at('head'), y, config.dimOut);
}

/** Three parallel branches, weighted per token (spec section 3). */
function poseLayer(p: Parameters, x: Tensor, config: PoseConfig, training: boolean, tap: Tap): Tensor {
  const attend = (name: string, input: Tensor, axis: number): Tensor =>
    block(p.at(name), input, config, tap, (place, y) => selfAttention(place, y, config.heads, axis));
  const convolve = (name: string, input: Tensor, axis: 'spatial' | 'temporal'): Tensor =>
    block(p.at(name), input, config, tap, (place, y) =>
      graphMixer(place, y, { axis, training, neighbours: config.neighbours }),
    );
  const branches = [
    attend('att_temporal', attend('att_spatial', x, 2), 1),
    convolve('graph_temporal', convolve('graph_spatial', x, 'spatial'), 'temporal'),
  ];
  if (config.branch !== 'none') {
    branches.push(mambaGcn(p.at('mamba_gcn'), x, config, training, tap));
    tap(p.at('mamba_gcn').path, branches[2] as Tensor);
  }
  return fuseBranches(p.at('fusion'), branches);
}

/** Σ αᵢ branchᵢ with α = softmax(Linear([branches])), one product per branch instead of a concatenation. */
function fuseBranches(p: Parameters, branches: readonly Tensor[]): Tensor {
  const count = branches.length;
  const [first] = branches as readonly [Tensor];
  const features = first.shape[3] ?? 1;
  const weight = p.weight('weight', [count, count * features], zeros);
  let scores = p.weight('bias', [count], { kind: 'constant', value: 1 / count });
  branches.forEach((branch, k) => {
    scores = add(product(branch, slice(weight, 1, k * features, features)), scores);
  });
  const alpha = softmax(scores, -1);
  let sum = multiply(slice(alpha, -1, 0, 1), first);
  branches.slice(1).forEach((branch, k) => {
    sum = multiplyAdd(slice(alpha, -1, k + 1, 1), branch, sum);
  });
  return sum;
}

/** Pre-norm block with layer scale: mixer, then MLP. */
function block(
  p: Parameters,
  x: Tensor,
  config: PoseConfig,
  tap: Tap,
  mixer: (p: Parameters, x: Tensor) => Tensor,
): Tensor {
  const scale = (name: string): Tensor =>
    p.weight(name, [config.dimFeat], { kind: 'constant', value: config.layerScale });
  const mixed = mixer(p.at('mixer'), layerNorm(p.at('norm1'), x));
  const y = multiplyAdd(mixed, scale('layer_scale_1'), x);
  const mlp = p.at('mlp');
  const hidden = gelu(linear(mlp.at('fc1'), layerNorm(p.at('norm2'), y), config.dimFeat * config.mlpRatio));
  const z = multiplyAdd(linear(mlp.at('fc2'), hidden, config.dimFeat), scale('layer_scale_2'), y);
  tap(p.path, z);
  return z;
}

/** Multi-head self-attention over one axis of [B, T, J, C]: the joints of a frame or the frames of a joint. */
function selfAttention(p: Parameters, x: Tensor, heads: number, axis: number): Tensor {
  const features = x.shape[3] ?? 1;
  const qkv = product(x, p.at('qkv').weight('weight', [3 * features, features], defaultInitializer(features)));
  return linear(p.at('proj'), attention(qkv, { heads, axis }), features);
}
