// CLIP's ResNet: a stem of three convolutions, pooling before every strided step, attention pooling at the end.
//
// Radford et al. 2021, arXiv:2103.00020, section 2.4; parameter names of OpenAI and open_clip. Pictures lie in memory
// with their channels last.
import type { Initializer } from '../../engine/graph/graph';
import { defaultInitializer, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { add, copy } from '../../engine/ops/arithmetic';
import { attention } from '../../engine/ops/attention';
import { avgPool } from '../../engine/ops/averagePool';
import { convolution } from '../../engine/ops/convolution';
import { linear as product } from '../../engine/ops/matmul';
import { mean } from '../../engine/ops/mean';
import { concat } from '../../engine/ops/concat';
import { permute, reshape, slice } from '../../engine/ops/view';
import { batchNorm } from '../../layers/batchNorm';
import type { ImageTowerConfig } from './config';

/** Sees intermediate results [pictures, height, width, channels] by upstream's names; for comparisons. */
export type Tap = (name: string, value: Tensor) => void;

export interface ImageTowerOptions {
  /** Normalise by the batch and track its statistics; running statistics stay as they are otherwise. */
  readonly batchStatistics: boolean;
  readonly tap?: Tap;
}

export interface ImageTowerOutput {
  /** Results of the last two stages, [pictures, height, width, channels]: 16 and 32 times smaller than the pictures. */
  readonly c3: Tensor;
  readonly c4: Tensor;
  /** What a picture shows, to be compared with texts, [pictures, features]; of any length. */
  readonly features: Tensor;
}

/** pictures [N, 3, side, side], RGB as the checkpoint wants it. */
export function imageTower(
  p: Parameters,
  pictures: Tensor,
  config: ImageTowerConfig,
  { batchStatistics, tap = () => undefined }: ImageTowerOptions,
): ImageTowerOutput {
  const { graph } = p;
  let x = graph.recompute(() => stem(p, copy(permute(pictures, [0, 2, 3, 1])), config.width, batchStatistics));
  tap('stem', x);
  const stages: Tensor[] = [];
  for (const [stage, blocks] of config.blocks.entries()) {
    for (let k = 0; k < blocks; k++) {
      const place = p.at(`layer${stage + 1}`).at(k);
      const input = x;
      const options = { planes: config.width * 2 ** stage, stride: stage > 0 && k === 0 ? 2 : 1, batchStatistics };
      x = graph.recompute(() => graph.scope(place.path, () => bottleneck(place, input, options)));
    }
    tap(`layer${stage + 1}`, x);
    stages.push(x);
  }
  const [c3, c4] = stages.slice(-2) as [Tensor, Tensor];
  return { c3, c4, features: attentionPool(p.at('attnpool'), c4, config) };
}

function convolve(
  p: Parameters,
  x: Tensor,
  outputs: number,
  { kernel = 1, stride = 1 }: { kernel?: number; stride?: number },
): Tensor {
  const inputs = x.shape[3] ?? 1;
  const weight = p.weight('weight', [outputs, inputs, kernel, kernel], defaultInitializer(inputs * kernel * kernel));
  return convolution(x, weight, null, { stride, padding: (kernel - 1) / 2, channels: 'last' });
}

function pooled(x: Tensor, stride: number): Tensor {
  return stride === 1 ? x : avgPool(x, { kernelSize: stride, axes: [1, 2] });
}

function stem(p: Parameters, x: Tensor, width: number, training: boolean): Tensor {
  const layer = (number: number, input: Tensor, outputs: number): Tensor => {
    const y = convolve(p.at(`conv${number}`), input, outputs, { kernel: 3, stride: number === 1 ? 2 : 1 });
    return relu(batchNorm(p.at(`bn${number}`), y, { axis: 3, training }));
  };
  return pooled(layer(3, layer(2, layer(1, x, width / 2), width / 2), width), 2);
}

/** Expands `planes` channels to four times as many; the last normalisation starts at zero, so that x passes. */
function bottleneck(
  p: Parameters,
  x: Tensor,
  { planes, stride, batchStatistics }: { planes: number; stride: number; batchStatistics: boolean },
): Tensor {
  const outputs = 4 * planes;
  const normalise = (place: Parameters, y: Tensor, weightStart?: Initializer): Tensor =>
    batchNorm(place, y, { axis: 3, training: batchStatistics, ...(weightStart && { weightStart }) });
  const first = relu(normalise(p.at('bn1'), convolve(p.at('conv1'), x, planes, {})));
  const second = relu(normalise(p.at('bn2'), convolve(p.at('conv2'), first, planes, { kernel: 3 })));
  const third = normalise(p.at('bn3'), convolve(p.at('conv3'), pooled(second, stride), outputs, {}), zeros);
  if (stride === 1 && x.shape[3] === outputs) return relu(add(third, x));
  const shortcut = p.at('downsample');
  return relu(add(third, normalise(shortcut.at(1), convolve(shortcut.at(0), pooled(x, stride), outputs, {}))));
}

/** One query, the mean of all places, attends to that mean and to all places. */
function attentionPool(p: Parameters, x: Tensor, { heads, features, side }: ImageTowerConfig): Tensor {
  const [pictures = 1, height = 1, width = 1, channels = 1] = x.shape;
  const start: Initializer = { kind: 'normal', deviation: channels ** -0.5 };
  const places = reshape(x, [pictures, height * width, channels]);
  const positions = p.weight('positional_embedding', [(side / 32) ** 2 + 1, channels], start);
  const tokens = add(concat([mean(places, [1], true), places], 1), positions);
  const project = (name: string, input: Tensor, outputs: number): Tensor =>
    product(
      input,
      p.at(name).weight('weight', [outputs, channels], start),
      p.at(name).weight('bias', [outputs], defaultInitializer(channels)),
    );
  const query = project('q_proj', slice(tokens, 1, 0, 1), channels);
  const mixed = attention(query, project('k_proj', tokens, channels), project('v_proj', tokens, channels), { heads });
  return reshape(project('c_proj', mixed, features), [pictures, features]);
}
