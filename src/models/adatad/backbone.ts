// The backbone over a whole window: chunks go through a block piece by piece, then its adapter sees all of the time.
//
// What lies between two loops over the pieces is what a block's attention and MLP made of all tokens; the adapter that
// follows is computed at the head of the next block, so that this is also all that is kept for the backward pass.
import { ones, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { chunked } from '../../engine/ops/chunked';
import { interpolate } from '../../engine/ops/interpolate';
import { mean } from '../../engine/ops/mean';
import { reshape } from '../../engine/ops/view';
import { acrossTime, narrow, widen } from './adapter';
import { embed, insideChunks, positions } from './chunks';
import { CHUNK_STEPS, TUBELET, type BackboneConfig } from './config';

/** Sees intermediate results by name; for comparisons. */
export type Tap = (name: string, value: Tensor) => void;

export interface BackboneOptions {
  /** Windows of the batch. */
  readonly samples: number;
  /** In which the chunks go through a block: as many as the stream has that they come from. */
  readonly pieces: number;
  readonly training: boolean;
  /** Hears of tokens only where there is one piece. */
  readonly tap?: Tap;
}

/**
 * Features over time [samples, frames / 2, width] of windows that are cut into chunks [chunks, 16, 3, side, side], each
 * sample's after the other's and in the order of time.
 */
export function backbone(
  p: Parameters,
  chunks: Tensor,
  config: BackboneConfig,
  { samples, pieces, training, tap = () => undefined }: BackboneOptions,
): Tensor {
  const { graph } = p;
  const { width, depth } = config;
  const side = (chunks.shape[3] ?? 1) / TUBELET.side;
  const frozen = config.trained === 'adapters' ? p.frozen() : p;
  const block = (place: Parameters, number: number): Parameters => place.at('blocks').at(number);
  const hear: Tap = pieces === 1 ? tap : () => undefined;
  const inPieces = (inputs: readonly [Tensor, ...Tensor[]], body: (pieces: readonly Tensor[]) => Tensor): Tensor => {
    const [only] = pieces === 1 ? [body(inputs)] : chunked(graph, inputs, pieces, (some) => [body(some)]);
    return only!;
  };
  /** Runs `next` on the pieces of what block `number` gives, whose adapter is still to come. */
  const adapted = (number: number, tokens: Tensor, next: (x: Tensor) => Tensor): Tensor => {
    const adapter = block(p, number).at('adapter');
    const seen = neighbours(adapter, tokens, config, samples);
    return inPieces([tokens, seen], ([x, beside]) => {
      const wide = widen(adapter, x!, beside!);
      hear(`block ${number}`, wide);
      return next(wide);
    });
  };
  const inside = (number: number, x: Tensor): Tensor =>
    insideChunks(block(frozen, number), x, config, training ? skipChance(config, number) : 0);
  const unit = (name: string, body: () => Tensor): Tensor => graph.recompute(() => graph.scope(name, body));

  const table = positions(frozen, config, side, side);
  let tokens = unit(block(p, 0).path, () =>
    inPieces([chunks], ([piece]) => {
      const embedded = embed(frozen, piece!, table, config);
      hear('embedding', embedded);
      return inside(0, embedded);
    }),
  );
  for (let number = 1; number < depth; number++) {
    const former = tokens;
    tokens = unit(block(p, number).path, () => adapted(number - 1, former, (x) => inside(number, x)));
  }
  unusedNorm(frozen.at('fc_norm'), width);
  const features = unit(`${p.path} > features`, () => adapted(depth - 1, tokens, pooled));
  return reshape(features, [samples, -1, width]);
}

/** timm's rule: nothing is skipped at the first block, most at the last. */
function skipChance({ depth, dropPath }: BackboneConfig, block: number): number {
  return depth > 1 ? (dropPath * block) / (depth - 1) : 0;
}

/** What a block's adapter sees of all chunks' tokens [chunks, tokens, width], narrow, each beside its own. */
function neighbours(p: Parameters, tokens: Tensor, config: BackboneConfig, samples: number): Tensor {
  const [chunks = 1, count = 1] = tokens.shape;
  const hidden = Math.floor(config.width * config.adapterRatio);
  const narrowed = reshape(narrow(p, tokens, hidden), [samples, -1, count / CHUNK_STEPS, hidden]);
  return reshape(acrossTime(p, narrowed), [chunks, count, hidden]);
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
