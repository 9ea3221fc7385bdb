// CLIP's pre-norm transformer layer under Hugging Face's names, with quick GELU.
import type { Initializer } from '../../engine/graph/graph';
import { zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { quickGelu } from '../../engine/ops/activation';
import { add } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { linear as product } from '../../engine/ops/matmul';
import { slice } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';

export interface EncoderConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
}

const normal = (deviation: number): Initializer => ({ kind: 'normal', deviation });

/** Linear with CLIP's start: normal weights, no bias. */
function project(p: Parameters, x: Tensor, outputs: number, deviation: number): Tensor {
  const weight = p.weight('weight', [outputs, x.shape.at(-1) ?? 1], normal(deviation));
  return product(x, weight, p.weight('bias', [outputs], zeros));
}

/** Deviations by which CLIP starts: the deeper the tower, the less each layer adds. */
function deviations({ width, layers }: EncoderConfig): { inside: number; out: number; wide: number } {
  return { inside: (2 * layers * width) ** -0.5, out: width ** -0.5, wide: (2 * width) ** -0.5 };
}

function part(p: Parameters, name: 'q' | 'k' | 'v' | 'out', x: Tensor, config: EncoderConfig): Tensor {
  const { inside, out } = deviations(config);
  return project(p.at('self_attn').at(`${name}_proj`), x, config.width, name === 'out' ? out : inside);
}

/** x + fc2(quickGELU(fc1(layer_norm2 x))). */
function feedForward(p: Parameters, x: Tensor, config: EncoderConfig): Tensor {
  const { inside, wide } = deviations(config);
  const mlp = p.at('mlp');
  const hidden = quickGelu(project(mlp.at('fc1'), layerNorm(p.at('layer_norm2'), x), config.inner, wide));
  return add(x, project(mlp.at('fc2'), hidden, config.width, inside));
}

/** x [N, L, width] through one layer. */
export function encoderLayer(p: Parameters, x: Tensor, config: EncoderConfig, causal: boolean): Tensor {
  const normed = layerNorm(p.at('layer_norm1'), x);
  const [q, k, v] = (['q', 'k', 'v'] as const).map((name) => part(p, name, normed, config)) as [Tensor, Tensor, Tensor];
  const mixed = attention(q, k, v, { heads: config.heads, causal });
  return feedForward(p, add(x, part(p, 'out', mixed, config)), config);
}

/**
 * The last layer of a picture's tower, of which only the first row is read, [N, 1, width]. With `dense`, the other rows
 * without looking at each other, each by its own value: Zhou et al. 2022, arXiv:2112.01071, [N, L − 1, width].
 */
export function lastEncoderLayer(
  p: Parameters,
  x: Tensor,
  config: EncoderConfig,
  dense: boolean,
): { first: Tensor; dense: Tensor | null } {
  const rows = x.shape[1] ?? 1;
  const normed = layerNorm(p.at('layer_norm1'), x);
  const values = part(p, 'v', normed, config);
  const query = part(p, 'q', slice(normed, 1, 0, 1), config);
  const mixed = attention(query, part(p, 'k', normed, config), values, { heads: config.heads });
  const first = feedForward(p, add(slice(x, 1, 0, 1), part(p, 'out', mixed, config)), config);
  if (!dense) return { first, dense: null };
  const others = (tensor: Tensor): Tensor => slice(tensor, 1, 1, rows - 1);
  const alone = part(p, 'out', others(values), config);
  return { first, dense: feedForward(p, add(others(x), alone), config) };
}
