// MobileNetV4 with temporal shift over the frames of a clip, and a classifier on what they have in common.
import type { Initializer } from '../../engine/graph/graph';
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { add, copy } from '../../engine/ops/arithmetic';
import { convolution } from '../../engine/ops/convolution';
import { mean } from '../../engine/ops/mean';
import { permute, reshape } from '../../engine/ops/view';
import { batchNorm } from '../../layers/batchNorm';
import { temporalShift } from '../../layers/temporalShift';
import { layersOf, type Layer } from './architecture';
import type { MntsmConfig } from './config';
import { normNames, shiftSites } from './places';
import { poolFrames, type Pooled } from './pooling';

/** Sees intermediate results [frames, height, width, channels] by timm's module name; for comparisons. */
export type Tap = (name: string, value: Tensor) => void;

export interface MntsmModelOptions {
  readonly training: boolean;
  readonly tap?: Tap;
}

export interface MntsmOutput extends Pooled {
  /** What the classifier sees of each frame, [clips, segments, head]. */
  readonly features: Tensor;
}

/** clips [clips, segments, 3, side, side], RGB as the checkpoint wants it → logits and what led to them. */
export function mntsmModel(
  p: Parameters,
  clips: Tensor,
  config: MntsmConfig,
  { training, tap = () => undefined }: MntsmModelOptions,
): MntsmOutput {
  const { architecture, segments } = config;
  const [count = 1, , colours = 3, height = 1, width = 1] = clips.shape;
  const { stem, blocks, head } = layersOf(architecture);
  const apply = layerOf(p, config, training);
  const frames = copy(permute(reshape(clips, [count * segments, colours, height, width]), [0, 2, 3, 1]));
  let x = apply(frames, stem);
  tap('stem', x);
  for (const { path, layers, skip } of blocks) {
    const input = x;
    x = p.graph.recompute(() =>
      p.graph.scope(path, () => {
        const y = layers.reduce(apply, input);
        return skip ? add(y, input) : y;
      }),
    );
    tap(path, x);
  }
  const pooled = apply(mean(x, [1, 2], true), head);
  const features = reshape(pooled, [count, segments, architecture.head]);
  // Scores that are rounded to f16 would tie, and their softmax would be coarse.
  const pooledFrames = p.graph.fullPrecision(() => poolFrames(p, features, config, training));
  return { ...pooledFrames, features };
}

/** Convolution, batch normalisation and ReLU as one function of x and the layer; shifts where the layer is a site. */
function layerOf(p: Parameters, config: MntsmConfig, training: boolean): (x: Tensor, layer: Layer) => Tensor {
  const { architecture, segments, shift, frozenNorms } = config;
  const sites = new Set(shiftSites(architecture, shift.placement));
  const frozen = new Set(normNames(architecture).slice(0, frozenNorms.layers));
  return (x, layer) => {
    const input = sites.has(layer.conv) ? copy(temporalShift(x, { ...shift, segments, channels: 'last' })) : x;
    const { kernel, stride, depthwise, inputs, outputs } = layer;
    const groups = depthwise ? inputs : 1;
    const weight = p.at(layer.conv).weight('weight', [outputs, inputs / groups, kernel, kernel], startOf(layer));
    const y = convolution(input, weight, null, { stride, padding: (kernel - 1) / 2, groups, channels: 'last' });
    const still = frozen.has(layer.norm);
    const place = p.at(layer.norm);
    const normalised = batchNorm(still && frozenNorms.what !== 'statistics' ? place.frozen() : place, y, {
      axis: 3,
      training: training && !(still && frozenNorms.what !== 'affine'),
    });
    return layer.activated ? relu(normalised) : normalised;
  };
}

/** timm's start of a convolution: normal with variance 2 / (k² · outputs of a group). */
function startOf({ kernel, outputs, depthwise }: Layer): Initializer {
  const fanOut = kernel * kernel * (depthwise ? 1 : outputs);
  return { kind: 'normal', deviation: Math.sqrt(2 / fanOut) };
}
