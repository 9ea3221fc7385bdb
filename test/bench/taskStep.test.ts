// Which data a task's step is measured on: its demo's, or made-up inputs where the demo is made of videos.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ones } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import { multiply, square, subtract } from '../../src/engine/ops/arithmetic';
import { mean, sum } from '../../src/engine/ops/reduce';
import { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import { openDevice } from '../helpers/gpu';
import { madeUpBatch, taskStep } from './taskStep';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

test.each([
  ['pose', 'demo', {}, 'pose demo, batch 8'],
  ['mntsm', 'demo', {}, 'mntsm demo, batch 8, inputs made up'],
  ['mntsm', 'narrow', { batch: '2' }, 'mntsm narrow, batch 2, inputs made up'],
])('the row of %s %s says what its inputs are', async (name, preset, settings, title) => {
  expect((await taskStep(device, { kind: 'task', name, preset, settings }, 1)).title).toBe(title);
});

test('made-up inputs have the shapes that the trainer reads, and train', async () => {
  const trainer = await EngineTrainer.create(
    device,
    {
      inputs: { clips: { shape: [2, 3, 5, 5], frames: true, half: true }, label: [2] },
      loss: (p, { clips, label }) => {
        const scale = p.weight('scale', [1], ones);
        const scores = multiply(sum(clips!, [1, 2, 3]), scale);
        return { total: mean(square(subtract(scores, label!))), parts: new Map<string, Tensor>() };
      },
    },
    {
      batchSize: 2,
      seed: 0,
      random: () => 0.5,
      mixedPrecision: true,
      optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
    },
  );
  const batch = madeUpBatch(trainer) as Record<string, Float32Array>;
  expect(Object.entries(batch).map(([input, { length }]) => [input, length])).toEqual([
    ['clips', 150],
    ['label', 2],
  ]);
  expect(batch['clips']!.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(batch['clips']).size).toBeGreaterThan(140);
  await trainer.train([await trainer.stage(batch)], 1, 1e-3);
  const [step] = await trainer.losses();
  expect(step!.loss).toBeGreaterThan(0);
  expect(Number.isFinite(step!.loss)).toBe(true);
  trainer.dispose();
});
