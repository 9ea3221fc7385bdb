// torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, normalised after each part, with the batch first.
import type { Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { gelu, relu } from '../engine/ops/activation';
import { add } from '../engine/ops/arithmetic';
import { dropout } from '../engine/ops/dropout';
import { reshape } from '../engine/ops/view';
import { layerNorm } from './layerNorm';
import { linear } from './linear';
import { multiheadAttention } from './multiheadAttention';

export interface TransformerLayerOptions {
  readonly heads: number;
  /** Width inside the feed-forward part. */
  readonly inner: number;
  readonly activation: 'relu' | 'gelu';
  /** Of attention weights, inside the feed-forward part and of each part's result; 0 outside training. */
  readonly dropout: number;
  /** Keys of the self-attention that count, [N, L] of 0 and 1. */
  readonly mask?: Tensor;
}

function feedForward(p: Parameters, x: Tensor, { inner, activation, dropout: rate }: TransformerLayerOptions): Tensor {
  const act = activation === 'relu' ? relu : gelu;
  return linear(p.at('linear2'), dropout(act(linear(p.at('linear1'), x, inner)), rate), x.shape.at(-1) ?? 1);
}

/** x [N, L, D]: norm1(x + SelfAttn(x)), norm2(x + FFN(x)). */
export function transformerEncoderLayer(p: Parameters, x: Tensor, options: TransformerLayerOptions): Tensor {
  const { dropout: rate } = options;
  const attended = multiheadAttention(p.at('self_attn'), x, attentionOptions(options));
  const y = layerNorm(p.at('norm1'), add(x, dropout(attended, rate)));
  return layerNorm(p.at('norm2'), add(y, dropout(feedForward(p, y, options), rate)));
}

/** x [N, L, D], memory [N, M, D]: norm1(x + SelfAttn(x)), norm2(x + CrossAttn(x, memory)), norm3(x + FFN(x)). */
export function transformerDecoderLayer(
  p: Parameters,
  x: Tensor,
  memory: Tensor,
  options: TransformerLayerOptions,
): Tensor {
  const { heads, dropout: rate } = options;
  const attended = multiheadAttention(p.at('self_attn'), x, attentionOptions(options));
  const y = layerNorm(p.at('norm1'), add(x, dropout(attended, rate)));
  const crossed = multiheadAttention(p.at('multihead_attn'), y, { heads, memory, dropout: rate });
  const z = layerNorm(p.at('norm2'), add(y, dropout(crossed, rate)));
  return layerNorm(p.at('norm3'), add(z, dropout(feedForward(p, z, options), rate)));
}

function attentionOptions({ heads, dropout: rate, mask }: TransformerLayerOptions): {
  heads: number;
  dropout: number;
  mask?: Tensor;
} {
  if (!mask) return { heads, dropout: rate };
  const [batch = 1, length = 1] = mask.shape;
  return { heads, dropout: rate, mask: reshape(mask, heads > 1 ? [batch, 1, 1, length] : [batch, 1, length]) };
}
