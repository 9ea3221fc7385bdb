// VideoMAE on chunks of 16 frames: everything that a chunk does by itself (spec sections 2.1 to 2.3).
import { defaultInitializer, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { gelu } from '../../engine/ops/activation';
import { add, copy } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { interpolate } from '../../engine/ops/interpolate';
import { linear as product } from '../../engine/ops/matmul';
import { concat } from '../../engine/ops/concat';
import { permute, reshape } from '../../engine/ops/view';
import { dropPath } from '../../layers/dropPath';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import { CHUNK_STEPS, TUBELET, type BackboneConfig } from './config';

export const BACKBONE_EPSILON = 1e-6;

/** Fixed sines and cosines of 8 × side × side places, as VideoMAE has them; the table of a checkpoint has this shape. */
export function sinusoidTable(side: number, width: number): Float32Array {
  const table = new Float32Array(CHUNK_STEPS * side * side * width);
  for (let at = 0; at < table.length; at++) {
    const [place, i] = [Math.floor(at / width), at % width];
    const angle = place / 10000 ** ((i - (i % 2)) / width);
    table[at] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  }
  return table;
}

/** Table of positions for tokens of `rows` × `columns` places, resized where it was made for others: [1, tokens, width]. */
export function positions(
  p: Parameters,
  { width, tableSide: side }: BackboneConfig,
  rows: number,
  columns: number,
): Tensor {
  const table = p.buffer('pos_embed', [1, CHUNK_STEPS * side * side, width], {
    kind: 'data',
    data: sinusoidTable(side, width),
  });
  const resized = interpolate(reshape(table, [CHUNK_STEPS, side, side, width]), {
    size: [rows, columns],
    mode: 'cubic',
    axes: [1, 2],
  });
  return reshape(resized, [1, CHUNK_STEPS * rows * columns, width]);
}

/**
 * Frames of chunks [rows, 16, 3, H, W], normalised, and the table of positions → tokens [rows, 8 · H/16 · W/16, width],
 * time slowest.
 */
export function embed(p: Parameters, frames: Tensor, table: Tensor, config: BackboneConfig): Tensor {
  const [rows = 1, count = 1, colours = 1, height = 1, width = 1] = frames.shape;
  const { side, frames: depth } = TUBELET;
  const [steps, down, across] = [count / depth, height / side, width / side];
  const patch = [colours, depth, side, side];
  const values = colours * depth * side * side;
  const split = reshape(frames, [rows, steps, depth, colours, down, side, across, side]);
  const patches = copy(permute(split, [0, 1, 4, 6, 3, 2, 5, 7]));
  const place = p.at('patch_embed').at('projection');
  const weight = place.weight('weight', [config.width, ...patch], defaultInitializer(values));
  const tokens = product(
    reshape(patches, [rows, steps * down * across, values]),
    reshape(weight, [config.width, values]),
    place.weight('bias', [config.width], defaultInitializer(values)),
  );
  return add(tokens, table);
}

/** A block of the transformer up to its adapter, on chunks [rows, tokens, width] that do not see each other. */
export function insideChunks(p: Parameters, x: Tensor, config: BackboneConfig, skip: number): Tensor {
  const { width, heads, mlpRatio } = config;
  const norm = (name: string, input: Tensor): Tensor => layerNorm(p.at(name), input, BACKBONE_EPSILON);
  const attended = selfAttention(p.at('attn'), norm('norm1', x), heads);
  const y = add(x, dropPath(attended, skip));
  const layers = p.at('mlp').at('layers');
  const hidden = gelu(linear(layers.at(0).at(0), norm('norm2', y), width * mlpRatio));
  return add(y, dropPath(linear(layers.at(1), hidden, width), skip));
}

/** Attention among a chunk's tokens; keys have no bias. */
function selfAttention(p: Parameters, x: Tensor, heads: number): Tensor {
  const width = x.shape.at(-1) ?? 1;
  const nothing = x.node.graph.constant(new Float32Array(width), [width]);
  const [query, value] = [p.weight('q_bias', [width], zeros), p.weight('v_bias', [width], zeros)];
  const weight = p.at('qkv').weight('weight', [3 * width, width], defaultInitializer(width));
  const qkv = product(x, weight, copy(concat([query, nothing, value], 0)));
  return linear(p.at('proj'), attention(qkv, { heads, axis: 1 }), width);
}
