// What follows from frozen weights alone is made once for them, and is what it would be if it were made in every step.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { embedding } from '../../../src/engine/ops/gather';
import { linear as product } from '../../../src/engine/ops/matmul';
import { mean } from '../../../src/engine/ops/mean';
import { linear } from '../../../src/layers/linear';
import { crossEntropy } from '../../../src/losses/crossEntropy';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { Predictor } from '../../../src/training/trainer/predictor';
import { predictionShapes } from '../../../src/training/trainer/planTraining';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const [clips, width, classes, words] = [4, 16, 3, 5];

function tower(p: Parameters): Tensor {
  const frozen = p.frozen().at('text');
  const ids = p.graph.constant(
    Uint32Array.from({ length: classes * words }, (_, k) => k % 7),
    [classes, words],
  );
  const table = frozen.weight('table', [7, width], { kind: 'normal', deviation: 1 });
  return linear(frozen.at('head'), mean(embedding(table, ids), [1]), width);
}

/** Pictures against texts, which are fixed or made in every step. */
function model(kept: boolean): ModelDefinition {
  const logits = (p: Parameters, { pictures, texts }: Readonly<Record<string, Tensor>>): Tensor =>
    product(linear(p.at('picture'), pictures!, width), kept ? texts! : tower(p));
  return {
    inputs: { pictures: [clips, 8], labels: { shape: [clips], dtype: 'u32' } },
    ...(kept && { fixed: (p: Parameters) => ({ texts: tower(p) }) }),
    loss: (p, inputs) => ({ total: crossEntropy(logits(p, inputs), inputs['labels']!), parts: new Map() }),
    predict: (p, inputs) => ({ logits: logits(p, inputs) }),
  };
}

const batch = {
  pictures: Float32Array.from(hashValues('pictures', clips * 8)),
  labels: Uint32Array.of(0, 1, 2, 0),
};
const weight = (name: string, size: number) => Float32Array.from(hashValues(name, size));
let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

function trainerOf(kept: boolean): Promise<EngineTrainer> {
  return EngineTrainer.create(device, model(kept), {
    ...{ batchSize: clips, seed: 1, random: () => 0.5 },
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0 },
  });
}

it('trains and predicts the same, with less to do in a step', async () => {
  const [kept, plain] = [await trainerOf(true), await trainerOf(false)];
  expect([...kept.shapes.keys()].sort()).toEqual([...plain.shapes.keys()].sort());
  expect(kept.inputShapes.has('texts')).toBe(false);
  expect(kept.plan.gigaflopsPerStep).toBeLessThan(plain.plan.gigaflopsPerStep);
  const said: number[][] = [];
  for (const trainer of [kept, plain]) {
    const own: number[] = [];
    for (const round of ['first', 'second']) {
      for (const [name, shape] of trainer.shapes) {
        const data = weight(
          `${round} ${name}`,
          shape.reduce((a, b) => a * b, 1),
        );
        await trainer.writeWeight(name, { dtype: 'F32', shape, data });
      }
      for (const step of [1, 2]) await trainer.train([await trainer.stage(batch)], step, 1e-2);
      own.push(...(await trainer.losses()).map(({ loss }) => loss));
      await trainer.predicts;
      own.push(...(await trainer.predict(await trainer.stage(batch)))['logits']!);
    }
    const before = trainer.buffersMade;
    await trainer.train([await trainer.stage(batch)], 3, 1e-2);
    await trainer.losses();
    expect(trainer.buffersMade).toBe(before);
    expect(trainer.livePeakBytes).toBeLessThanOrEqual(trainer.plan.plannedPeakBytes);
    said.push(own);
    trainer.dispose();
  }
  said[0]!.forEach((value, k) => expect(value).toBeCloseTo(said[1]![k]!, 5));
  expect(said[0]![0]).not.toBeCloseTo(said[0]![2 + clips * classes]!, 3);
});

it('is made anew for a predictor whose weights are written', async () => {
  const outputs: Float32Array[] = [];
  for (const kept of [true, false]) {
    const predictor = await Predictor.create(device, model(kept), { batchSize: clips });
    expect(predictor.inputShapes.has('texts')).toBe(false);
    expect([...predictor.shapes.keys()].sort()).toEqual([...predictionShapes(model(false)).keys()].sort());
    for (const [name, shape] of predictor.shapes)
      await predictor.writeWeight(name, {
        ...{
          dtype: 'F32',
          shape,
          data: weight(
            name,
            shape.reduce((a, b) => a * b, 1),
          ),
        },
      });
    outputs.push((await predictor.predict(await predictor.stage(batch)))['logits']!);
    predictor.dispose();
  }
  outputs[0]!.forEach((value, k) => expect(value).toBeCloseTo(outputs[1]![k]!, 5));
});
