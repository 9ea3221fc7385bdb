// The detector's second half: queries, led by what the picture and the texts say as a whole, look up boxes and classes.
import { defaultInitializer, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu, sigmoid } from '../../engine/ops/activation';
import { add, multiply, multiplyAdd } from '../../engine/ops/arithmetic';
import { dropout } from '../../engine/ops/dropout';
import { linear as product, matmul } from '../../engine/ops/matmul';
import { softmax } from '../../engine/ops/softmax';
import { concat } from '../../engine/ops/concat';
import { expand } from '../../engine/ops/reduce';
import { reshape, slice, transpose } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import { normalize } from '../../layers/normalize';
import { transformerDecoderLayer } from '../../layers/transformerLayer';
import type { DecoderConfig, DetectorConfig } from './config';
import type { ImageTowerOutput, Tap } from './imageTower';
import { sinePositions } from './sinePositions';

export interface DetectorOutput {
  /** Of length 1, [pictures, features]: the whole scene, which is the background's class. */
  readonly globalContext: Tensor;
  /** [pictures, queries, 4] as centre and size, shares of the picture. */
  readonly boxes: Tensor;
  /** [pictures, queries, classes + 1], the background last. */
  readonly logits: Tensor;
  /** What each query found, of length 1, [pictures, queries, features]. */
  readonly localFeatures: Tensor;
}

/** Finds boxes in what the image tower saw; classFeatures [classes, features] of any length. */
export function queryDecoder(
  p: Parameters,
  seen: ImageTowerOutput,
  classFeatures: Tensor,
  { decoder, temperature }: DetectorConfig,
  options: { readonly training: boolean; readonly tap?: Tap },
): DetectorOutput {
  const { tap = () => undefined } = options;
  const rate = options.training ? decoder.dropout : 0;
  const [pictures = 1, features = 1] = seen.features.shape;
  const texts = normalize(classFeatures);
  const scene = normalize(seen.features);
  const memory = memoryTokens(p, seen, decoder.width);
  tap('memory', memory);
  const shares = softmax(multiply(product(scene, texts), 1 / temperature), -1);
  const context = matmul(shares, texts);
  tap('text_context', context);
  const conditioner = p.at('text_conditioner');
  const lead = reshape(linear(conditioner.at('text_proj'), context, decoder.width), [pictures, 1, decoder.width]);
  const [gain, shift] = gate(p.at('context_gating').at('gating').at('gamma_beta_net'), scene, decoder);
  let q = startQueries(p.at('query_initializer'), decoder, pictures);
  for (let k = 0; k < decoder.layers; k++) {
    const place = p.at('decoder_layers').at(k);
    const { heads, inner } = decoder;
    const led = multiplyAdd(layerNorm(conditioner.at('norm'), add(q, lead)), gain, shift);
    q = p.graph.recompute(() =>
      p.graph.scope(place.path, () =>
        transformerDecoderLayer(place, led, memory, { heads, inner, activation: 'relu', dropout: rate }),
      ),
    );
  }
  tap('queries', q);
  return p.graph.fullPrecision(() => {
    const localFeatures = normalize(classHead(p.at('classification_head').at('mlp'), q, decoder, rate, features));
    const known = concat([expand(texts, [pictures, ...texts.shape]), reshape(scene, [pictures, 1, features])], 1);
    return {
      globalContext: scene,
      boxes: sigmoid(boxHead(p.at('regression_head').at('mlp'), q)),
      logits: multiply(matmul(localFeatures, transpose(known, 1, 2)), 1 / temperature),
      localFeatures,
    };
  });
}

/** Both maps as one list of tokens, each with where it is and which map it is from, [pictures, tokens, width]. */
function memoryTokens(p: Parameters, { c3, c4 }: ImageTowerOutput, width: number): Tensor {
  const levels = p.weight('level_embed', [2, width], { kind: 'normal', deviation: 0.02 });
  const maps = [c3, c4].map((map, level) => {
    const [pictures = 1, rows = 1, columns = 1, channels = 1] = map.shape;
    const place = p.at('input_proj').at(level);
    const weight = place.weight('weight', [width, channels, 1, 1], defaultInitializer(channels));
    const bias = place.weight('bias', [width], defaultInitializer(channels));
    const tokens = product(
      reshape(map, [pictures, rows * columns, channels]),
      reshape(weight, [width, channels]),
      bias,
    );
    const positions = p.graph.constant(sinePositions(rows, columns, width), [rows * columns, width]);
    return add(tokens, add(positions, slice(levels, 0, level, 1)));
  });
  return concat(maps, 1);
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

/** How the scene scales and shifts every query, both [pictures, 1, width]; at the start not at all. */
function gate(p: Parameters, scene: Tensor, { width, gateInner }: DecoderConfig): [Tensor, Tensor] {
  const identity = Float32Array.from({ length: 2 * width }, (_, k) => (k < width ? 1 : 0));
  const last = p.at(2);
  const y = product(
    relu(linear(p.at(0), scene, gateInner)),
    last.weight('weight', [2 * width, gateInner], zeros),
    last.weight('bias', [2 * width], { kind: 'data', data: identity }),
  );
  const part = (start: number): Tensor => reshape(slice(y, 1, start, width), [-1, 1, width]);
  return [part(0), part(width)];
}

function classHead(p: Parameters, q: Tensor, { classInner }: DecoderConfig, rate: number, features: number): Tensor {
  return linear(p.at(3), dropout(relu(linear(p.at(0), q, classInner)), rate), features);
}

function boxHead(p: Parameters, q: Tensor): Tensor {
  const width = q.shape[2] ?? 1;
  return linear(p.at(4), relu(linear(p.at(2), relu(linear(p.at(0), q, width)), width)), 4);
}
