// The weakly supervised head: frames of a video told apart by whether the video as a whole is abnormal.
//
// Wu et al. 2024, VadCLIP, arXiv:2308.11681, sections 3.2 to 3.4, and its published code; parameter names of that code.
import type { Initializer } from '../../engine/graph/graph';
import { defaultInitializer, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { quickGelu } from '../../engine/ops/activation';
import { add, greater, multiply } from '../../engine/ops/arithmetic';
import { convolution } from '../../engine/ops/convolution';
import { matmul } from '../../engine/ops/matmul';
import { maskedSoftmax } from '../../engine/ops/softmax';
import { concat } from '../../engine/ops/concat';
import { reshape, slice, transpose } from '../../engine/ops/view';
import { linear } from '../../layers/linear';
import { normalize } from '../../layers/normalize';
import { clipMlp, residualAttentionBlock } from '../../layers/residualAttentionBlock';

export interface MilConfig {
  readonly layers: number;
  readonly heads: number;
  /** Frames that see each other in the transformer. */
  readonly window: number;
  /** Frames of a video at most: rows of the table of positions. */
  readonly frames: number;
}

export const milConfig: MilConfig = { layers: 2, heads: 1, window: 8, frames: 256 };

export interface MilOutput {
  /** Of abnormality, [videos, frames]. */
  readonly binary: Tensor;
  /** Of each class, [videos, frames, classes], the first one normal. */
  readonly classes: Tensor;
  /** What the frames show after they have seen each other, [videos, frames, width]. */
  readonly visual: Tensor;
}

/** Cosines up to this do not connect two frames. */
const ALIKE = 0.7;
const TEMPERATURE = 0.07;

/** frames [videos, frames, width] from the frozen tower, texts [classes, width]; `mask` [videos, frames]. */
export function milHead(p: Parameters, frames: Tensor, texts: Tensor, mask: Tensor, config: MilConfig): MilOutput {
  const [videos = 1, length = 1, width = 1] = frames.shape;
  const [classes = 1] = texts.shape;
  const visual = seeFrames(p, frames, mask, config);
  return p.graph.fullPrecision(() => {
    const binary = linear(p.at('classifier'), add(visual, clipMlp(p.at('mlp2'), visual, 'quick_gelu')), 1);
    const attended = normalize(matmul(transpose(binary, 1, 2), visual));
    const led = add(reshape(texts, [1, classes, width]), attended);
    const said = add(led, clipMlp(p.at('mlp1'), led, 'quick_gelu'));
    const cosines = matmul(normalize(visual), transpose(normalize(said), 1, 2));
    return { binary: reshape(binary, [videos, length]), classes: multiply(cosines, 1 / TEMPERATURE), visual };
  });
}

/** A transformer within windows, then two graphs over all frames: of what is alike, and of what is near. */
function seeFrames(p: Parameters, frames: Tensor, mask: Tensor, { layers, heads, window, frames: most }: MilConfig) {
  const [, length = 1, width = 1] = frames.shape;
  const { graph } = p;
  const table = p.at('frame_position_embeddings').weight('weight', [most, width], { kind: 'normal', deviation: 0.01 });
  const square = (value: (i: number, j: number) => number): Tensor =>
    graph.constant(
      Float32Array.from({ length: length * length }, (_, k) => value(Math.floor(k / length), k % length)),
      [1, length, length],
    );
  const within = square((i, j) => (Math.floor(i / window) === Math.floor(j / window) ? 1 : 0));
  let x = add(frames, length === most ? table : slice(table, 0, 0, length));
  for (let k = 0; k < layers; k++) {
    const place = p.at('temporal').at('resblocks').at(k);
    x = residualAttentionBlock(place, x, { heads, activation: 'quick_gelu', mask: within });
  }
  const alike = alikeness(x, mask);
  const near = square((i, j) => Math.exp(-Math.abs(i - j) / Math.E));
  const branch = (first: string, second: string, adjacency: Tensor): Tensor =>
    graphLayer(p.at(second), graphLayer(p.at(first), x, adjacency, width / 2), adjacency, width / 2);
  return linear(p.at('linear'), concat([branch('gc1', 'gc2', alike), branch('gc3', 'gc4', near)], 2), width);
}

/** How much frames that are alike give each other, [videos, frames, frames]; nothing to and from absent ones. */
function alikeness(x: Tensor, mask: Tensor): Tensor {
  const [videos = 1, length = 1] = mask.shape;
  const unit = normalize(x);
  const cosines = matmul(unit, transpose(unit, 1, 2));
  const close = multiply(cosines, greater(cosines, ALIKE));
  return multiply(maskedSoftmax(close, reshape(mask, [videos, 1, length])), reshape(mask, [videos, length, 1]));
}

/** quickGELU(A x W + x), where x is brought to the outputs' width by a convolution over five frames if it has another. */
function graphLayer(p: Parameters, x: Tensor, adjacency: Tensor, outputs: number): Tensor {
  const inputs = x.shape[2] ?? 1;
  const start: Initializer = { kind: 'uniform', bound: Math.sqrt(6 / (inputs + outputs)) };
  const gathered = matmul(adjacency, matmul(x, p.weight('weight', [inputs, outputs], start)));
  if (inputs === outputs) return quickGelu(add(gathered, x));
  const residual = p.at('residual');
  const kernel = residual.weight('weight', [outputs, inputs, 5], defaultInitializer(5 * inputs));
  const bias = residual.weight('bias', [outputs], defaultInitializer(5 * inputs));
  return quickGelu(add(gathered, convolution(x, kernel, bias, { padding: 2, channels: 'last' })));
}
