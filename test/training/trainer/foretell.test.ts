// The loss of the first step before its gradient: the same to the bit, sooner, and without a trace in what is learnt.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { square, subtract } from '../../../src/engine/ops/arithmetic';
import { dropout } from '../../../src/engine/ops/dropout';
import { hostStage } from '../../../src/engine/ops/hostStage';
import { mean } from '../../../src/engine/ops/mean';
import { reshape } from '../../../src/engine/ops/view';
import { batchNorm } from '../../../src/layers/batchNorm';
import { linear } from '../../../src/layers/linear';
import { EngineTrainer, type TrainerOptions } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const rows = 16;
const width = 12;

/** A layer whose statistics run along, random numbers, JavaScript in the midst of it, and two losses. */
const model: ModelDefinition = {
  inputs: { x: [rows, width], y: [rows, 1] },
  loss(p, { x, y }) {
    const normal = batchNorm(p.at('norm'), linear(p.at('body'), x!, width), { axis: 1, training: true });
    const predicted = linear(p.at('head'), dropout(normal, 0.3), 1);
    const { shift } = hostStage(p.graph, {
      name: 'shift',
      reads: { predicted: reshape(predicted, [rows]) },
      gives: { shift: { shape: [rows], dtype: 'f32' } },
      run: (values) => ({ shift: (values['predicted'] as Float32Array).map((one) => one / 2) }),
    });
    const first = mean(square(subtract(predicted, y!)));
    const second = mean(square(subtract(predicted, reshape(shift, [rows, 1]))));
    return { total: first, parts: new Map([['second', second]]) };
  },
  predict: (p, { x }) => ({ y: linear(p.at('body'), x!, width) }),
};

const batch = { x: Float32Array.from(hashValues('x', rows * width)), y: Float32Array.from(hashValues('y', rows)) };
let device: GPUDevice;

beforeAll(async () => ({ device } = await openDevice()));
afterAll(() => device.destroy());

function create(options: Partial<TrainerOptions> = {}): Promise<EngineTrainer> {
  let state = 1;
  return EngineTrainer.create(device, model, {
    ...{ batchSize: rows, seed: 7 },
    random: () => (state = (state * 16807) % 2147483647) / 2147483647,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    ...options,
  });
}

async function losses(trainer: EngineTrainer, steps: number) {
  const all = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.train([await trainer.stage(batch)], step, [1e-2]);
    all.push(...(await trainer.losses()));
  }
  return all;
}

it('says the loss and its parts, bit for bit, and the steps after it are as without', async () => {
  const [plain, early] = [await create(), await create({ early: true })];
  const staged = await early.stage(batch);
  const foretold = await early.foretell([staged], 1);
  // Only what the loss takes is made until then; in the end the plan tells of all.
  expect(early.plan.pipelines).toBeLessThan(plain.plan.pipelines);
  await early.complete();
  expect(early.plan.pipelines).toBe(plain.plan.pipelines);
  await early.train([staged], 1, [1e-2]);
  const expected = await losses(plain, 4);
  const [first] = await early.losses();
  expect(foretold).toEqual({ loss: first!.loss, parts: first!.parts });
  expect(Object.keys(foretold!.parts)).toEqual(['second']);
  expect(first).toEqual(expected[0]);
  for (let step = 2; step <= 4; step++) {
    await early.train([await early.stage(batch)], step, [1e-2]);
    expect(await early.losses()).toEqual([expected[step - 1]]);
  }
  expect(await early.weights()).toEqual(await plain.weights());
  for (const one of [plain, early]) one.dispose();
});

it('is handed out before all kernels are compiled, and says so once they are', async () => {
  const counts: number[][] = [];
  const progress = (what: string, done: number, total: number): void => {
    if (what === 'kernels') counts.push([done, total]);
  };
  const early = await create({ early: true, progress });
  const [done, total] = counts.at(-1)!;
  expect(done!).toBeLessThan(total!);
  await early.complete();
  expect(counts.at(-1)).toEqual([total, total]);
  await early.predicts;
  early.dispose();
});

it('says nothing where a step takes several runs', async () => {
  const trainer = await create({ accumulation: 2 });
  const staged = await trainer.stage(batch);
  expect(await trainer.foretell([staged, staged], 1)).toBeNull();
  trainer.dispose();
});

it('leaves nothing to the device where it is disposed of in the midst', async () => {
  const trainer = await create({ early: true });
  const staged = await trainer.stage(batch);
  device.pushErrorScope('validation');
  const foretold = trainer.foretell([staged], 1);
  trainer.dispose();
  await expect(foretold).rejects.toThrow();
  expect(await device.popErrorScope()).toBeNull();
});
