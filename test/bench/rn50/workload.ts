// The bench's workload `rn50`: a training step of CLIP's RN50 against text features, for us and as plain data for peers.
import { Graph } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { mean } from '../../../src/engine/ops/mean';
import { sum } from '../../../src/engine/ops/reduce';
import { logSoftmax } from '../../../src/engine/ops/softmax';
import { rn50, TEMPERATURE, type ImageTowerConfig } from '../../../src/models/remoteclip-detector/config';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { classLogits } from '../../../src/models/remoteclip-detector/loss';
import { hashedWeight } from '../../helpers/hashedWeights';
import { hashValues } from '../../helpers/hashValues';
import type { Scale } from '../protocol';
import type { Data, Workload } from '../workloads';

interface Sizes {
  readonly batch: number;
  readonly side: number;
  readonly classes: number;
}

const scales: Readonly<Record<Scale, Sizes & Pick<ImageTowerConfig, 'width' | 'features' | 'heads'>>> = {
  tiny: { batch: 2, side: 64, classes: 5, width: 8, features: 32, heads: 4 },
  base: { batch: 8, side: 224, classes: 20, width: rn50.width, features: rn50.features, heads: rn50.heads },
  gpu: { batch: 32, side: 224, classes: 20, width: rn50.width, features: rn50.features, heads: rn50.heads },
};

export const fields = ['batch', 'side', 'classes'];

/** At a scale, of which `set` changes `rn50.batch`, `rn50.side` and `rn50.classes`. */
export function makeRn50(scale: Scale, set: Readonly<Record<string, unknown>>): Workload {
  const changed = Object.entries(set).flatMap(([key, value]) =>
    key.startsWith('rn50.') ? [[key.slice('rn50.'.length), value]] : [],
  );
  const sizes = { ...scales[scale], ...(Object.fromEntries(changed) as Partial<Sizes>) };
  const { batch, side, classes, features } = sizes;
  const config = configOf(sizes);
  const graph = new Graph();
  const pictures = graph.input('x', [batch, 3, side, side]);
  imageTower(new Parameters(graph).at('visual'), pictures, config, { batchStatistics: true });
  const isBuffer = (name: string): boolean => /\.running_(mean|var)$/.test(name);
  const hashed = [...graph.parameters].map(([name, { shape }]): [string, Data] => [
    name,
    { shape, data: hashedWeight('bench/', name, shape)! },
  ]);
  const inputOf = (name: string, shape: readonly number[]): Data => ({
    shape,
    data: Float32Array.from(
      hashValues(
        `bench/${name}`,
        shape.reduce((a, b) => a * b, 1),
      ),
    ),
  });
  const labels = Float32Array.from({ length: batch * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  return {
    ...{ name: 'rn50', family: 'rn50', kind: 'train', dtype: 'f32' },
    cfg: { ...sizes, temperature: TEMPERATURE, sizes: config.blocks } as unknown as Workload['cfg'],
    params: Object.fromEntries(hashed.filter(([name]) => !isBuffer(name))),
    buffers: Object.fromEntries(hashed.filter(([name]) => isBuffer(name))),
    inputs: {
      x: inputOf('pictures', [batch, 3, side, side]),
      texts: inputOf('texts', [classes, features]),
      y: { shape: [batch, classes], data: labels },
    },
    // Small steps and a large epsilon, as in `mntsm`: gradients that are zero in truth move no weight far.
    adamw: { lr: 3e-6, b1: 0.9, b2: 0.999, eps: 1e-4, wd: 0.01 },
    eps: 1e-5,
  };
}

function configOf({ width, side, heads, features }: Omit<ImageTowerConfig, 'blocks'>): ImageTowerConfig {
  return { blocks: rn50.blocks, width, side, heads, features };
}

/** The loss by the tower that is trained in the page: cross-entropy over the texts, statistics of the batch. */
export function rn50Loss(w: Workload, p: Parameters, { x, texts, y }: Readonly<Record<string, Tensor>>): Tensor {
  const { width, side, heads, features } = w.cfg as Readonly<Record<string, number>>;
  const config = configOf({ width: width!, side: side!, heads: heads!, features: features! });
  const seen = imageTower(p.at('visual'), x!, config, { batchStatistics: true });
  const logits = classLogits(seen.features, texts!, TEMPERATURE);
  return multiply(mean(sum(multiply(logSoftmax(logits), y!), [-1])), -1);
}
