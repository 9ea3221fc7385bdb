// A model is made from settings and from what the data says; what every trainer has is read at one place.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { square, subtract } from '../../../src/engine/ops/arithmetic';
import { mean } from '../../../src/engine/ops/reduce';
import { linear } from '../../../src/layers/linear';
import type { Settings } from '../../../src/models/settings';
import type { TaskRuntime } from '../../../src/training/runtime';
import { createTrainer } from '../../../src/training/trainer/createTrainer';
import { openDevice } from '../../helpers/gpu';

interface ClassFacts {
  readonly classes: readonly string[];
  readonly [name: string]: readonly string[];
}

/** As wide as there are classes, as deep as the settings say. */
const runtime: Pick<TaskRuntime<ClassFacts>, 'model'> = {
  model: (settings, { classes }) => ({
    inputs: { x: [Number(settings['batch']), 4], y: [Number(settings['batch']), classes.length] },
    loss(p, { x, y }) {
      let hidden = x!;
      for (let i = 0; i < Number(settings['layers']); i++)
        hidden = p.graph.recompute(() => linear(p.at(`hidden${i}`), hidden, 4));
      return { total: mean(square(subtract(linear(p.at('head'), hidden, classes.length), y!))), parts: new Map() };
    },
  }),
};
const facts = { classes: ['jump', 'run', 'swim'] };
const base: Settings = { batch: 2, layers: 2, seed: 3 };

let device: GPUDevice;
beforeAll(async () => void ({ device } = await openDevice()));
afterAll(() => device.destroy());

const trainerOf = (settings: Settings) => createTrainer({ device, runtime, settings: { ...base, ...settings }, facts });

async function weightsAfterStep(settings: Settings): Promise<Float32Array> {
  const trainer = await trainerOf(settings);
  const rows = trainer.batchSize;
  const batch = { x: new Float32Array(rows * 4).fill(0.5), y: new Float32Array(rows * 3).fill(100) };
  await trainer.train([await trainer.stage(batch)], 1, 0.1);
  await trainer.losses();
  const weights = (await trainer.weights()).get('head.weight')!.data as Float32Array;
  trainer.dispose();
  return weights;
}

it('builds the model from settings and facts', async () => {
  const trainer = await trainerOf({ layers: 3 });
  expect(trainer.batchSize).toBe(2);
  expect([...trainer.shapes]).toContainEqual(['head.weight', [3, 4]]);
  expect(trainer.shapes.size).toBe(8);
  trainer.dispose();
});

it('reads seed, optimiser and recompute from the settings', async () => {
  const plain = await weightsAfterStep({});
  expect(await weightsAfterStep({})).toEqual(plain);
  expect(await weightsAfterStep({ seed: 4 })).not.toEqual(plain);
  // The first step of Adam is as long as the rate, whatever the gradient; decay comes on top of it.
  expect(await weightsAfterStep({ weightDecay: 0.5 })).not.toEqual(plain);
  const [all, none, some] = await Promise.all([
    trainerOf({ recompute: true }),
    trainerOf({ recompute: false }),
    trainerOf({ memoryBudget: 100 }),
  ]);
  expect([all, none, some].map(({ plan }) => plan.recomputedBlocks)).toEqual([2, 0, 0]);
  await expect(trainerOf({ memoryBudget: 1e-3 })).rejects.toMatchObject({ code: 'memory-budget' });
  for (const trainer of [all, none, some]) trainer.dispose();
});
