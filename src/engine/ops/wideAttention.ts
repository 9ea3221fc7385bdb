// Attention of heads that are too wide for the fused kernels, composed of products and a softmax; scores are stored.
import type { Shape, Tensor } from '../graph/tensor';
import { add, multiply, select } from './arithmetic';
import { dropout as drop } from './dropout';
import { matmul } from './matmul';
import { expand } from './reduce';
import { softmax } from './softmax';
import { permute, reshape, transpose } from './view';

export interface WideAttentionOptions {
  readonly heads: number;
  readonly axis: number;
  readonly scale: number;
  readonly causal: boolean;
  readonly dropout: number;
  readonly bias: Tensor | undefined;
  readonly mask: Tensor | undefined;
  /** Of the scores: [...batch, heads (if not 1), queries, keys]. */
  readonly scores: Shape;
}

/** As `attention` of queries, keys and values apart. */
export function wideAttention(q: Tensor, k: Tensor, v: Tensor, options: WideAttentionOptions): Tensor {
  const { heads, axis, scale, dropout, bias, scores: shape } = options;
  const apart = (x: Tensor): Tensor => headsApart(x, heads, axis);
  const products = multiply(matmul(apart(q), transpose(apart(k), -1, -2)), scale);
  const scores = bias ? add(products, expand(bias, shape)) : products;
  const seen = seenKeys(q, options);
  const weights = seen ? select(seen, softmax(select(seen, scores, -1e30)), 0) : softmax(scores);
  return headsTogether(matmul(drop(weights, dropout), apart(v)), heads, axis);
}

/** 1 where a query sees a key; null where all are seen. */
function seenKeys(q: Tensor, { causal, mask, scores: shape }: WideAttentionOptions): Tensor | null {
  const given = mask ? expand(mask, shape) : null;
  if (!causal) return given;
  const [queries = 1, keys = 1] = shape.slice(-2);
  const past = Float32Array.from({ length: queries * keys }, (_, i) => (i % keys <= Math.floor(i / keys) ? 1 : 0));
  const order = expand(q.node.graph.constant(past, [queries, keys]), shape);
  return given ? select(given, order, 0) : order;
}

/** [...batch, tokens at `axis`, heads · width] → [...batch, heads (if not 1), tokens, width]. */
function headsApart(x: Tensor, heads: number, axis: number): Tensor {
  const last = x.shape.length - 1;
  const batch = x.shape.map((_, k) => k).filter((k) => k !== axis && k !== last);
  const ordered = permute(x, [...batch, axis, last]);
  if (heads === 1) return ordered;
  const split = reshape(ordered, [...ordered.shape.slice(0, -1), heads, -1]);
  return transpose(split, -2, -3);
}

/** The way back. */
function headsTogether(y: Tensor, heads: number, axis: number): Tensor {
  const swapped = heads === 1 ? y : transpose(y, -2, -3);
  const whole = heads === 1 ? swapped : reshape(swapped, [...swapped.shape.slice(0, -2), -1]);
  const tokens = whole.shape.length - 2;
  const order = whole.shape.map((_, k) => k).filter((k) => k !== tokens);
  order.splice(axis, 0, tokens);
  return permute(whole, order);
}
