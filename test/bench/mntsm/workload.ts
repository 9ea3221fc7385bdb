// The bench's workload `mntsm`: a training step of MobileNetV4 with temporal shift, for us and as plain data for peers.
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import {
  architectures,
  layersOf,
  type Architecture,
  type BlockLayers,
  type Layer,
} from '../../../src/models/mntsm/architecture';
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { expand } from '../../../src/engine/ops/reduce';
import { reshape } from '../../../src/engine/ops/view';
import { clipLoss } from '../../../src/models/mntsm/loss';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { shiftSites } from '../../../src/models/mntsm/places';
import { hashedWeight } from '../../helpers/hashedWeights';
import { hashValues } from '../../helpers/hashValues';
import type { Scale } from '../protocol';
import type { Data, Workload } from '../workloads';

/** What a peer builds: convolutions without bias, padded by half their kernel, each before a batch normalisation. */
export interface Network {
  readonly stem: Layer;
  readonly blocks: readonly BlockLayers[];
  /** After the mean over height and width. */
  readonly head: Layer;
  /** Names of the convolutions whose input is shifted in time. */
  readonly shifted: readonly string[];
  readonly segments: number;
  readonly foldDivisor: number;
  /** What the rest follows from. */
  readonly architecture: Architecture;
}

interface Sizes {
  readonly clips: number;
  readonly segments: number;
  readonly side: number;
}

const scales: Readonly<Record<Scale, Sizes>> = {
  tiny: { clips: 2, segments: 4, side: 64 },
  base: { clips: 1, segments: 8, side: 224 },
  gpu: { clips: 8, segments: 8, side: 224 },
};

export const fields = Object.keys(scales.base);

const foldDivisor = 4;
/** Patches along a side of the pictures. */
const PATCHES = 4;

/** mobilenetv4_conv_small_050 at a scale, of which `set` changes `mntsm.clips`, `mntsm.segments` and `mntsm.side`. */
export function makeMntsm(scale: Scale, set: Readonly<Record<string, unknown>>): Workload {
  const changed = Object.entries(set).flatMap(([key, value]) =>
    key.startsWith('mntsm.') ? [[key.slice('mntsm.'.length), value]] : [],
  );
  const sizes = { ...scales[scale], ...(Object.fromEntries(changed) as Partial<Sizes>) };
  return mntsmWorkload(architectures.mobilenetv4_conv_small_050, sizes);
}

/** Weights, clips and labels by the recordings' formula; every second clip is manipulated. */
export function mntsmWorkload(architecture: Architecture, sizes: Sizes): Workload {
  const { clips, segments, side } = sizes;
  const layers = layersOf(architecture);
  const all = [layers.stem, ...layers.blocks.flatMap((block) => block.layers), layers.head];
  const hashed = (name: string, shape: readonly number[]): [string, Data] => [
    name,
    { shape, data: hashedWeight('bench/', name, shape)! },
  ];
  const convolution = ({ conv, inputs, outputs, kernel, depthwise }: Layer): [string, Data] =>
    hashed(`${conv}.weight`, [outputs, depthwise ? 1 : inputs, kernel, kernel]);
  const head = architecture.head;
  const shape = [clips, segments, 3, side, side];
  return {
    name: 'mntsm',
    family: 'mntsm',
    kind: 'train',
    dtype: 'f32',
    cfg: { ...sizes },
    params: Object.fromEntries([
      ...all.flatMap((layer) => [
        convolution(layer),
        ...['weight', 'bias'].map((part) => hashed(`${layer.norm}.${part}`, [layer.outputs])),
      ]),
      hashed('classifier.weight', [1, head]),
      hashed('classifier.bias', [1]),
      hashed('attn.weight', [1, head]),
    ]),
    buffers: Object.fromEntries(
      all.flatMap(({ norm, outputs }) =>
        ['running_mean', 'running_var'].map((part) => hashed(`${norm}.${part}`, [outputs])),
      ),
    ),
    inputs: {
      x: { shape, data: pictures(sizes) },
      y: { shape: [clips], data: Float32Array.from({ length: clips }, (_, clip) => clip % 2) },
    },
    network: { ...layers, shifted: shiftSites(architecture, 'depthwise'), segments, foldDivisor, architecture },
    // Steps small beside those of training, and no division by next to nothing: the rounding of gradients that are
    // zero in truth would otherwise move weights as far as any gradient, differently in each engine.
    adamw: { lr: 3e-6, b1: 0.9, b2: 0.999, eps: 1e-4, wd: 0.01 },
    eps: 1e-5,
  };
}

/**
 * Grain over patches that differ from frame to frame, [clips, segments, 3, side, side]. Of grain alone all frames would
 * have nearly the same mean, and the last normalisation would make much of their rounding.
 */
function pictures({ clips, segments, side }: Sizes): Float32Array {
  const planes = clips * segments * 3;
  const patches = hashValues('bench/patches', planes * PATCHES * PATCHES);
  const grain = hashValues('bench/grain', planes * side * side);
  const patchOf = (at: number): number => Math.floor((at * PATCHES) / side);
  return Float32Array.from(grain, (value, i) => {
    const plane = Math.floor(i / (side * side));
    const row = patchOf(Math.floor(i / side) % side);
    return value + 2 * patches[(plane * PATCHES + row) * PATCHES + patchOf(i % side)]!;
  });
}

/** The loss by the model that is trained in the page: learned pooling, focal loss, no dropout, nothing frozen. */
export function mntsmLoss(w: Workload, p: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor {
  const { architecture, segments } = w.network!;
  const config: MntsmConfig = {
    architecture,
    segments,
    shift: { placement: 'depthwise', foldDivisor, first: 'past', edges: 'replicate' },
    pooling: 'learned',
    dropout: 0,
    frozenNorms: { layers: 0, what: 'both' },
    headStart: 'linear',
  };
  const { logit } = mntsmModel(p, inputs['x']!, config, { training: true });
  const weight = expand(reshape(p.graph.scalar(1), [1]), logit.shape);
  return clipLoss(logit, inputs['y']!, { gamma: 2, weight });
}
