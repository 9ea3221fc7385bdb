// The task in the train worker: its points, its network, its rates.
import { tanh } from '../../engine/ops/activation';
import { square, subtract } from '../../engine/ops/arithmetic';
import { mean } from '../../engine/ops/mean';
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { linear } from '../../layers/linear';
import { CounterRandom, streams } from '../../samples/random';
import type { TaskRuntime } from '../../training/runtime';

type Facts = { readonly points: number };

const held = 64;

function network(p: Parameters, x: Tensor, width: number): Tensor {
  return linear(p.at('out'), tanh(linear(p.at('hidden'), x, width)), 1);
}

export const runtime: TaskRuntime<Facts> = {
  prepare(_data, settings, progress) {
    const points = 512;
    const random = new CounterRandom(1, streams.weights, 0);
    const x = Float32Array.from({ length: points + held }, () => 2 * random.next() - 1);
    const y = x.map((at, i) => Math.sin(4 * at) + (i < points ? Number(settings['noise']) * (random.next() - 0.5) : 0));
    progress('points', points, points);
    const batch = (clips: readonly number[]) => ({
      x: Float32Array.from(clips, (i) => x[i]!),
      y: Float32Array.from(clips, (i) => y[i]!),
    });
    const errorOf = (curve: (i: number) => number): number =>
      Array.from({ length: held }, (_, i) => Math.abs(curve(i) - y[points + i]!) / held).reduce((a, b) => a + b);
    return Promise.resolve({
      report: { found: points, usable: points, problems: [], counts: {}, groups: {} },
      facts: { points },
      trainClips: points,
      validationClips: held,
      trainBatch: batch,
      validationBatch: (clips) => batch(clips.map((i) => points + i)),
      evaluate: (outputs) => ({
        metrics: { error: errorOf((i) => outputs[i]!['y']![0]!) },
        tables: {},
        view: outputs.map((output, i) => [x[points + i]!, output['y']![0]!]),
      }),
      baselines: () => Promise.resolve({ zero: errorOf(() => 0) }),
    });
  },

  model: (settings) => ({
    inputs: { x: [Number(settings['batch']), 1], y: [Number(settings['batch']), 1] },
    loss: (p, { x, y }) => {
      const error = mean(square(subtract(network(p, x!, Number(settings['width'])), y!)));
      return { total: error, parts: new Map() };
    },
    predict: (p, { x }) => ({ y: network(p, x!, Number(settings['width'])) }),
  }),

  learningRate: (_step, _stepsPerEpoch, _settings, base) => base,
  sizeDemo: () => ({ preset: 'demo', settings: {} }),
};
