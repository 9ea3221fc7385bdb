// The third branch: a simplified mamba, a skeleton GCN and optionally attention, weighted per clip (spec section 6).
import type { Parameters } from '../../engine/graph/parameters';
import { defaultInitializer, ones } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu, silu } from '../../engine/ops/activation';
import { add, exp, multiply, multiplyAdd, negate } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { causalConv1d } from '../../engine/ops/causalConv1d';
import { dropout } from '../../engine/ops/dropout';
import { linear as product, matmul } from '../../engine/ops/matmul';
import { mean } from '../../engine/ops/mean';
import { softmax } from '../../engine/ops/softmax';
import { reshape, slice } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import type { PoseConfig, Tap } from './config';
import { normalisedAdjacency } from './graphMixer';
import { BONES } from '../../figure/skeleton';

/** States per channel of the mamba sub-branch. */
const STATES = 16;
const ATTENTION_HEADS = 8;

/** Skeleton with self loops, symmetric over the bones. */
const withSelfLoops = Array.from({ length: 17 }, (_, joint) => [
  joint,
  ...BONES.flatMap(([a, b]) => (a === joint ? [b] : b === joint ? [a] : [])),
]);

/** x [B, T, J, C] → [B, T, J, C]. */
export function mambaGcn(p: Parameters, x: Tensor, config: PoseConfig, training: boolean, tap: Tap): Tensor {
  const rate = training ? config.dropout : 0;
  const features = x.shape[3] ?? 1;
  const branches = p.at('branches');
  const parts = [mambaBranch(branches.at('mamba'), x, tap), gcnBranch(branches.at('gcn'), x, rate)];
  if (config.branch === 'full') parts.push(attentionBranch(branches.at('attention'), x, rate));
  ['mamba', 'gcn', 'attention'].slice(0, parts.length).forEach((name, k) => {
    tap(branches.at(name).path, parts[k] as Tensor);
  });

  const fusion = p.at('fusion');
  const hidden = relu(linear(fusion.at('weight_generator').at(0), mean(x, [1, 2]), Math.floor(features / 4)));
  const weights = softmax(linear(fusion.at('weight_generator').at(2), hidden, parts.length), -1);
  tap(`${fusion.path}.weights`, weights);
  unused(fusion.at('fusion_proj'), features, features * parts.length);
  let sum: Tensor = x;
  parts.forEach((part, k) => {
    sum = multiplyAdd(reshape(slice(weights, 1, k, 1), [-1, 1, 1, 1]), part, sum);
  });
  const fused = layerNorm(fusion.at('norm'), sum);
  tap(fusion.path, fused);
  const inner = dropout(relu(linear(p.at('output_proj').at(0), fused, features)), rate);
  return layerNorm(p.at('final_norm'), add(linear(p.at('output_proj').at(3), inner, features), x));
}

/** The clip's tokens in memory order, cut into J rows of T: not one joint over time (spec section 6.1). */
function memoryRows(x: Tensor): Tensor {
  const [batch = 1, frames = 1, joints = 1, features = 1] = x.shape;
  return reshape(x, [batch * joints, frames, features]);
}

function mambaBranch(p: Parameters, x: Tensor, tap: Tap): Tensor {
  const features = x.shape[3] ?? 1;
  const result = mamba(p.at('temporal_model'), memoryRows(x), features);
  tap(p.at('temporal_model').path, result);
  return layerNorm(p.at('norm'), add(reshape(result, x.shape), x));
}

/** x [R, L, C]. The recurrence is replaced by one vector g per row; dt_proj stays without gradient. */
function mamba(p: Parameters, x: Tensor, features: number): Tensor {
  const inner = 2 * features;
  const logStates = Float32Array.from({ length: inner * STATES }, (_, i) => Math.log((i % STATES) + 1));
  const a = negate(exp(p.weight('A_log', [inner, STATES], { kind: 'data', data: logStates })));
  const d = p.weight('D', [inner], ones);
  const inProjection = p.at('in_proj').weight('weight', [2 * inner, features], defaultInitializer(features));
  const convolution = p.at('conv1d');
  const u = silu(
    causalConv1d(
      product(x, slice(inProjection, 0, 0, inner)),
      convolution.weight('weight', [inner, 1, 4], { kind: 'uniform', bound: 0.5 }),
      convolution.weight('bias', [inner], { kind: 'uniform', bound: 0.5 }),
    ),
  );
  const z = product(x, slice(inProjection, 0, inner, inner));
  const states = p.at('x_proj').weight('weight', [2 * STATES, inner], defaultInitializer(inner));
  unused(p.at('dt_proj'), inner, inner);
  const b = product(u, slice(states, 0, 0, STATES));
  const c = product(u, slice(states, 0, STATES, STATES));
  const rows = x.shape[0] ?? 1;
  const g = reshape(matmul(mean(u, [1]), a), [rows, 1, STATES]);
  const y = multiplyAdd(d, u, product(multiply(multiply(g, b), c), a));
  return linear(p.at('out_proj'), multiply(y, silu(z)), features, { bias: false });
}

function gcnBranch(p: Parameters, x: Tensor, rate: number): Tensor {
  const features = x.shape[3] ?? 1;
  const adjacency = p.buffer('adj_matrix', [17, 17], { kind: 'data', data: normalisedAdjacency(withSelfLoops) });
  const layer = (k: number, input: Tensor): Tensor => {
    const place = p.at('gcn_layers').at(k);
    const weight = place.weight('weight', [features, features], defaultInitializer(features));
    const gathered = reshape(matmul(reshape(adjacency, [1, 1, 17, 17]), input), [-1, features]);
    return add(
      reshape(matmul(gathered, weight), x.shape),
      place.weight('bias', [features], defaultInitializer(features)),
    );
  };
  const hidden = dropout(relu(layer(0, x)), rate);
  return layerNorm(p.at('norm'), add(layer(1, hidden), x));
}

function attentionBranch(p: Parameters, x: Tensor, rate: number): Tensor {
  const features = x.shape[3] ?? 1;
  const rows = memoryRows(x);
  const project = (name: string, input: Tensor): Tensor => linear(p.at(name), input, features, { bias: false });
  const heads = (name: string): Tensor => {
    const [count = 1, length = 1] = rows.shape;
    return reshape(project(name, rows), [count, length, ATTENTION_HEADS, features / ATTENTION_HEADS]);
  };
  const mixed = attention(heads('q_proj'), heads('k_proj'), heads('v_proj'), { dropout: rate });
  const result = project('out_proj', reshape(mixed, rows.shape));
  return layerNorm(p.at('norm'), add(reshape(result, x.shape), x));
}

/** A Linear that upstream registers and never uses: in the state_dict, without gradient. */
function unused(p: Parameters, features: number, inner: number): void {
  p.weight('weight', [features, inner], defaultInitializer(inner));
  p.weight('bias', [features], defaultInitializer(inner));
}
