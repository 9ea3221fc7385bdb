// The detector's second half: queries, led by what the picture and the texts say as a whole, look up boxes and classes.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import { add } from '../../engine/ops/arithmetic';
import { expand } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/view';
import { transformerDecoderLayer } from '../../layers/transformerLayer';
import type { DecoderConfig, DetectorConfig } from './config';
import { boxNumbers, classify, type Candidates } from './heads';
import type { ImageTowerOutput, Tap } from './imageTower';
import { sceneContext } from './sceneContext';

export interface DetectorOutput extends Candidates {
  /** Of length 1, [pictures, features]: the whole scene, which is the background's class. */
  readonly globalContext: Tensor;
  /** What each query found, of length 1, [pictures, queries, features]. */
  readonly localFeatures: Tensor;
}

export interface DecoderOptions {
  readonly training: boolean;
  readonly tap?: Tap;
}

/** Finds boxes in what the image tower saw; classFeatures [classes, features] of any length. */
export function queryDecoder(
  p: Parameters,
  seen: ImageTowerOutput,
  classFeatures: Tensor,
  config: DetectorConfig,
  { training, tap = () => undefined }: DecoderOptions,
): DetectorOutput {
  const { decoder } = config;
  const rate = training ? decoder.dropout : 0;
  const { scene, known, memory, lead } = sceneContext(p, seen, classFeatures, config, tap);
  let q = startQueries(p.at('query_initializer'), decoder, seen.features.shape[0] ?? 1);
  for (let k = 0; k < decoder.layers; k++) q = decoderLayer(p, k, lead(q), memory, decoder, rate);
  tap('queries', q);
  return p.graph.fullPrecision(() => ({
    globalContext: scene,
    boxes: sigmoid(boxNumbers(p.at('regression_head').at('mlp'), q)),
    ...classify(p.at('classification_head').at('mlp'), q, { config, rate, known }),
  }));
}

/** One layer over queries that are led; marked for recompute. */
export function decoderLayer(
  p: Parameters,
  number: number,
  queries: Tensor,
  memory: Tensor,
  { heads, inner }: DecoderConfig,
  rate: number,
): Tensor {
  const place = p.at('decoder_layers').at(number);
  return p.graph.recompute(() =>
    p.graph.scope(place.path, () =>
      transformerDecoderLayer(place, queries, memory, { heads, inner, activation: 'relu', dropout: rate }),
    ),
  );
}

function startQueries(p: Parameters, { queries, width }: DecoderConfig, pictures: number): Tensor {
  const table = (name: string): Tensor =>
    p.at(name).weight('weight', [queries, width], { kind: 'normal', deviation: 1 });
  return expand(reshape(add(table('query_embed'), table('query_pos')), [1, queries, width]), [
    pictures,
    queries,
    width,
  ]);
}
