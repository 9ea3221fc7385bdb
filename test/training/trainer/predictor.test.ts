// A model that only predicts: the trainer's own outputs, from weights and the activations of one batch.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gelu } from '../../../src/engine/ops/activation';
import { add } from '../../../src/engine/ops/arithmetic';
import { chunked } from '../../../src/engine/ops/chunked';
import { crossEntropy } from '../../../src/losses/crossEntropy';
import { embedding } from '../../../src/engine/ops/gather';
import { mean } from '../../../src/engine/ops/mean';
import { softmax } from '../../../src/engine/ops/softmax';
import { linear } from '../../../src/layers/linear';
import { batchNorm } from '../../../src/layers/batchNorm';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Batch } from '../../../src/training/runtime';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { Predictor } from '../../../src/training/trainer/predictor';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const clips = 4;
const words = 6;
const vocabulary = 50;
const classes = 3;

/** Token ids to classes: whole numbers in, whole numbers as labels. */
function model(width: number): ModelDefinition {
  const network = (p: Parameters, ids: Tensor, training: boolean): Tensor => {
    const table = p.weight('table', [vocabulary, width], { kind: 'normal', deviation: 0.1 });
    const [features] = chunked(p.graph, [ids], 2, ([piece]) => [
      mean(gelu(linear(p.at('first'), embedding(table, piece!), width)), [1]),
    ]) as [Tensor];
    const normal = batchNorm(p.at('norm'), features, { axis: 1, training });
    return linear(p.at('head'), gelu(add(linear(p.at('second'), normal, width), normal)), classes);
  };
  return {
    inputs: {
      ids: { shape: [clips, words], dtype: 'u32', pieces: 2 },
      label: { shape: [clips], dtype: 'u32' },
    },
    loss: (p, { ids, label }) => ({ total: crossEntropy(network(p, ids!, true), label!), parts: new Map() }),
    predict(p, { ids }) {
      const logits = network(p, ids!, false);
      return { logits, probabilities: softmax(logits, 1) };
    },
  };
}

function batch(number: number): Batch {
  const ids = Uint32Array.from(hashValues(`ids ${number}`, clips * words), (u) =>
    Math.floor(((u + 1) / 2) * vocabulary),
  );
  // Learnt from the first word alone.
  return { ids, label: Uint32Array.from({ length: clips }, (_, clip) => ids[clip * words]! % classes) };
}

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

async function train(width: number, steps: number): Promise<{ trainer: EngineTrainer; losses: number[] }> {
  let state = 1;
  const trainer = await EngineTrainer.create(device, model(width), {
    batchSize: clips,
    seed: 1,
    random: () => (state = (state * 16807) % 2147483647) / 2147483647,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
  });
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.train([await trainer.stage(batch(step % 4))], step, 0.01);
    losses.push(...(await trainer.losses()).map(({ loss }) => loss));
  }
  return { trainer, losses };
}

it('learns from token ids and class numbers that were staged', async () => {
  const { trainer, losses } = await train(16, 60);
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length;
  expect(mean(losses.slice(-4))).toBeLessThan(mean(losses.slice(0, 4)) / 3);
  trainer.dispose();
});

it('predicts what the trainer predicts, without labels, and replays without making anything', async () => {
  const { trainer } = await train(16, 5);
  const predictor = await Predictor.create(device, model(16), { batchSize: clips });
  expect([...predictor.inputShapes.keys()]).toEqual(['ids']);
  expect([...predictor.shapes.keys()].sort()).toEqual([...trainer.shapes.keys()].sort());
  for (const [name, tensor] of await trainer.weights()) await predictor.writeWeight(name, tensor);
  await trainer.predicts;
  const wanted = await trainer.predict(await trainer.stage(batch(9)));
  const { ids } = batch(9);
  const outputs = await predictor.predict(await predictor.stage({ ids: ids! }));
  expect(Object.keys(outputs)).toEqual(['logits', 'probabilities']);
  expect(outputs).toEqual(wanted);
  const made = predictor.buffersMade;
  for (let k = 0; k < 5; k++) await predictor.predict(await predictor.stage({ ids: ids! }));
  expect(predictor.buffersMade).toBe(made);
  await expect(
    predictor.writeWeight('no.such', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }),
  ).rejects.toThrow('no.such');
  predictor.dispose();
  trainer.dispose();
});

it('takes the memory of its weights and of one batch, and no more', async () => {
  const width = 1024;
  const predictor = await Predictor.create(device, model(width), { batchSize: clips });
  const weights = 4 * (vocabulary * width + 2 * width * (width + 1) + 4 * width + classes * (width + 1));
  // One batch at its busiest: a piece's words after both halves of the first layer.
  const activations = 4 * (2 * (clips / 2) * words * width + clips * width);
  expect(predictor.weightBytes).toBeLessThan(weights * 1.01);
  expect(predictor.plannedBytes).toBeLessThan(1.1 * (weights + activations) + 2 ** 20);
  expect(predictor.livePeakBytes).toBeLessThanOrEqual(predictor.plannedBytes);
  const { trainer } = await train(width, 1);
  expect(trainer.plan.plannedPeakBytes).toBeGreaterThan(3.9 * weights);
  trainer.dispose();
  predictor.dispose();
});
