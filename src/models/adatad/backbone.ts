// The backbone over a whole window: chunks through a block by themselves, then its adapter over all of the time.
import { ones, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { copy } from '../../engine/ops/arithmetic';
import { interpolate } from '../../engine/ops/interpolate';
import { mean } from '../../engine/ops/mean';
import { concat } from '../../engine/ops/concat';
import { reshape, slice } from '../../engine/ops/view';
import { acrossTime, narrow, widen } from './adapter';
import { embed, insideChunks } from './chunks';
import { CHUNK_STEPS, type BackboneConfig } from './config';

/** Sees intermediate results by name; for comparisons. */
export type Tap = (name: string, value: Tensor) => void;

export interface BackboneOptions {
  /** Windows of the batch. */
  readonly samples: number;
  readonly training: boolean;
  readonly tap?: Tap;
}

/**
 * Features over time [samples, frames / 2, width] of windows that are cut into chunks of 16 frames. The chunks come in
 * pieces [chunks, 16, 3, side, side], each sample's after the other's and in the order of time; a piece's tokens are
 * computed by themselves, so that none of their tensors is larger than a piece wants.
 */
export function backbone(
  p: Parameters,
  pieces: readonly Tensor[],
  config: BackboneConfig,
  { samples, training, tap = () => undefined }: BackboneOptions,
): Tensor {
  const { graph } = p;
  const frozen = config.trained === 'adapters' ? p.frozen() : p;
  let tokens = pieces.map((piece) => embed(frozen, piece, config));
  tokens.forEach((value, k) => tap(`embedding.${k}`, value));
  for (let block = 0; block < config.depth; block++) {
    const path = p.at('blocks').at(block).path;
    const input = tokens;
    tokens = graph.recompute(() =>
      graph.scope(path, () => {
        const skip = training ? skipChance(config, block) : 0;
        const inside = input.map((x) => insideChunks(frozen.at('blocks').at(block), x, config, skip));
        return adapted(p.at('blocks').at(block).at('adapter'), inside, config, samples);
      }),
    );
    tokens.forEach((value, k) => tap(`block ${block}.${k}`, value));
  }
  unusedNorm(frozen.at('fc_norm'), config.width);
  return joined(
    tokens.map((x) => pooled(x)),
    [samples, -1, config.width],
  );
}

/** timm's rule: nothing is skipped at the first block, most at the last. */
function skipChance({ depth, dropPath }: BackboneConfig, block: number): number {
  return depth > 1 ? (dropPath * block) / (depth - 1) : 0;
}

/** A block's adapter on the tokens of all pieces. */
function adapted(p: Parameters, pieces: readonly Tensor[], config: BackboneConfig, samples: number): Tensor[] {
  const hidden = Math.floor(config.width * config.adapterRatio);
  const places = (pieces[0]?.shape[1] ?? 1) / CHUNK_STEPS;
  const narrowed = joined(
    pieces.map((x) => narrow(p, x, hidden)),
    [samples, -1, places, hidden],
  );
  const seen = reshape(acrossTime(p, narrowed), [-1, places * CHUNK_STEPS, hidden]);
  let first = 0;
  return pieces.map((x) => {
    const chunks = x.shape[0] ?? 1;
    first += chunks;
    return widen(p, x, slice(seen, 0, first - chunks, chunks));
  });
}

/** Tensors one after the other along their first axis, in memory of their own, under another shape. */
function joined(pieces: readonly Tensor[], shape: readonly number[]): Tensor {
  const [only] = pieces;
  return reshape(pieces.length === 1 && only ? only : copy(concat(pieces, 0)), shape);
}

/** Mean over the places of each time step: [chunks, tokens, width] → [chunks, 8, width]. */
function pooled(x: Tensor): Tensor {
  const [chunks = 1, tokens = 1, width = 1] = x.shape;
  return mean(reshape(x, [chunks, CHUNK_STEPS, tokens / CHUNK_STEPS, width]), [2]);
}

/** Features [samples, time, width] as one per frame, in between by straight lines. */
export function perFrame(features: Tensor, frames: number): Tensor {
  return interpolate(features, { size: [frames], mode: 'linear', axes: [1] });
}

/** In the state_dict, but not on the way of a feature map. */
function unusedNorm(p: Parameters, width: number): void {
  p.frozen().weight('weight', [width], ones);
  p.frozen().weight('bias', [width], zeros);
}
