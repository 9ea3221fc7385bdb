// What a picture and the class texts say as a whole, and how that leads the queries of either kind.
import { defaultInitializer, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { add, multiply, multiplyAdd } from '../../engine/ops/arithmetic';
import { concat } from '../../engine/ops/concat';
import { linear as product, matmul } from '../../engine/ops/matmul';
import { expand } from '../../engine/ops/reduce';
import { softmax } from '../../engine/ops/softmax';
import { reshape, slice } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import { normalize } from '../../layers/normalize';
import type { DecoderConfig, DetectorConfig } from './config';
import type { ImageTowerOutput, Tap } from './imageTower';
import { sinePositions } from './sinePositions';

export interface SceneContext {
  /** The picture as a whole, of length 1, [pictures, features]. */
  readonly scene: Tensor;
  /** What a query can be: the classes' texts and then the scene, the background, [pictures, classes + 1, features]. */
  readonly known: Tensor;
  /** Both maps as one list of tokens, [pictures, tokens, width]. */
  readonly memory: Tensor;
  /** Queries [pictures, queries, width] with what the scene and the texts make of them. */
  readonly lead: (queries: Tensor) => Tensor;
}

/** classFeatures [classes, features] of any length. */
export function sceneContext(
  p: Parameters,
  seen: ImageTowerOutput,
  classFeatures: Tensor,
  { decoder, temperature }: DetectorConfig,
  tap: Tap,
): SceneContext {
  const [pictures = 1, features = 1] = seen.features.shape;
  const texts = normalize(classFeatures);
  const scene = normalize(seen.features);
  const memory = memoryTokens(p, seen, decoder.width);
  tap('memory', memory);
  const shares = softmax(multiply(product(scene, texts), 1 / temperature), -1);
  const context = matmul(shares, texts);
  tap('text_context', context);
  const conditioner = p.at('text_conditioner');
  const told = reshape(linear(conditioner.at('text_proj'), context, decoder.width), [pictures, 1, decoder.width]);
  const [gain, shift] = gate(p.at('context_gating').at('gating').at('gamma_beta_net'), scene, decoder);
  return {
    scene,
    known: concat([expand(texts, [pictures, ...texts.shape]), reshape(scene, [pictures, 1, features])], 1),
    memory,
    lead: (queries) => multiplyAdd(layerNorm(conditioner.at('norm'), add(queries, told)), gain, shift),
  };
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
