// Queries that the picture proposes itself: every place scores itself and a box around it, the best become queries.
//
// After the two-stage variant of Deformable DETR (Zhu et al. 2021, arXiv:2010.04159, section 4.2 and appendix A.4), with
// scores against the class texts. Each decoder layer refines the box of the layer before it, and all of them are
// trained. Numbers of boxes are log-odds: what a head gives is added to those of the anchor or of the box before.
import { zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu, sigmoid } from '../../engine/ops/activation';
import { add, multiply, stopGradient, subtract } from '../../engine/ops/arithmetic';
import { concat } from '../../engine/ops/concat';
import { max } from '../../engine/ops/extremes';
import { gather } from '../../engine/ops/gather';
import { cosine, sine } from '../../engine/ops/power';
import { expand } from '../../engine/ops/reduce';
import { logsumexp } from '../../engine/ops/softmax';
import { topk } from '../../engine/ops/sort';
import { reshape, slice } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { linear } from '../../layers/linear';
import type { DetectorConfig } from './config';
import { boxNumbers, classify, type Candidates } from './heads';
import type { ImageTowerOutput } from './imageTower';
import { decoderLayer, type DecoderOptions } from './queryDecoder';
import { sceneContext } from './sceneContext';

/** What each part says, in their order: all places, then every decoder layer. The last one counts in evaluation. */
export type ImageQueryOutput = readonly [places: Candidates, ...layers: Candidates[]];

/** Sides of an anchor, in sides of a place of its map. */
const ANCHOR = 1;

/** Finds boxes in what the image tower saw; classFeatures [classes, features] of any length. */
export function imageQueries(
  p: Parameters,
  seen: ImageTowerOutput,
  classFeatures: Tensor,
  config: DetectorConfig,
  { training, tap = () => undefined }: DecoderOptions,
): ImageQueryOutput {
  const { decoder } = config;
  const rate = training ? decoder.dropout : 0;
  const { known, memory, lead } = sceneContext(p, seen, classFeatures, config, tap);
  const proposal = p.at('place_proposal');
  const found = layerNorm(proposal.at('norm'), linear(proposal.at('proj'), memory, decoder.width));
  const head = (place: Parameters, queries: Tensor, before: Tensor): { said: Candidates; numbers: Tensor } =>
    p.graph.fullPrecision(() => {
      const numbers = add(boxNumbers(place.at('regression_head').at('mlp'), queries, zeros), before);
      const { logits } = classify(place.at('classification_head').at('mlp'), queries, { config, rate, known });
      return { said: { boxes: sigmoid(numbers), logits }, numbers };
    });
  const anchors = anchorNumbers(seen);
  const places = head(proposal, found, p.graph.constant(anchors, [1, anchors.length / 4, 4]));
  const chosen = p.graph.fullPrecision(() => bestPlaces(places.said.logits, decoder.queries));
  tap('scores', chosen.scores);
  let q = pick(found, chosen.indices);
  let numbers = stopGradient(pick(places.numbers, chosen.indices));
  const layers: Candidates[] = [];
  for (let k = 0; k < decoder.layers; k++) {
    const where = boxPositions(p.at('box_position'), numbers, decoder.width);
    q = decoderLayer(p, k, add(lead(q), where), memory, decoder, rate);
    const refined = head(p, q, numbers);
    layers.push(refined.said);
    numbers = stopGradient(refined.numbers);
  }
  return [places.said, ...layers];
}

/** Log-odds of a box around every place of both maps, [places, 4] as centre and size. */
function anchorNumbers({ c3, c4 }: ImageTowerOutput): Float32Array {
  const numbers = [c3, c4].flatMap(({ shape: [, rows = 1, columns = 1] }) =>
    Array.from({ length: rows * columns }, (_, place) => [
      ((place % columns) + 0.5) / columns,
      (Math.floor(place / columns) + 0.5) / rows,
      Math.min(0.9, ANCHOR / columns),
      Math.min(0.9, ANCHOR / rows),
    ]).flat(),
  );
  return Float32Array.from(numbers, (share) => Math.log(share / (1 - share)));
}

/** Places whose likeliest class is likeliest, best first: log-probabilities and numbers, both [pictures, queries]. */
function bestPlaces(logits: Tensor, queries: number): { scores: Tensor; indices: Tensor } {
  const classes = (logits.shape[2] ?? 2) - 1;
  const likeliest = subtract(max(slice(logits, 2, 0, classes), [2]), logsumexp(logits, 2));
  const { values, indices } = topk(stopGradient(likeliest), queries, 1);
  return { scores: values, indices };
}

/** Rows of x [pictures, places, n] by number. */
function pick(x: Tensor, indices: Tensor): Tensor {
  const shape = [...indices.shape, x.shape[2] ?? 1];
  return gather(x, 1, expand(reshape(indices, [...indices.shape, 1]), shape));
}

/** Where boxes lie and how large they are, learned from sines of both, [pictures, queries, width]. */
function boxPositions(p: Parameters, numbers: Tensor, width: number): Tensor {
  const [pictures = 1, queries = 1] = numbers.shape;
  const waves = width / 8;
  // From a whole picture down to an eighth of one, as small boxes want it.
  const frequencies = Float32Array.from({ length: waves }, (_, k) => 2 * Math.PI * 8 ** (k / Math.max(1, waves - 1)));
  const boxes = reshape(sigmoid(numbers), [pictures, queries, 4, 1]);
  const angles = multiply(boxes, p.graph.constant(frequencies, [waves]));
  const sines = reshape(concat([sine(angles), cosine(angles)], 3), [pictures, queries, 8 * waves]);
  return linear(p.at(2), relu(linear(p.at(0), sines, width)), width);
}
