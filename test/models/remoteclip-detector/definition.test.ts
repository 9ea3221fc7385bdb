// A step of the detector in the trainer: targets are assigned in its midst, and nothing is made anew from step to step.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { targetInputs } from '../../../src/models/remoteclip-detector/assignment';
import { TEMPERATURE } from '../../../src/models/remoteclip-detector/config';
import { detectorDefinition } from '../../../src/models/remoteclip-detector/definition';
import { CounterRandom } from '../../../src/samples/random';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const side = 64;
const config = {
  image: { blocks: [1, 1, 1, 1] as const, width: 4, side, heads: 2, features: 16 },
  decoder: { width: 32, queries: 6, layers: 1, heads: 1, inner: 32, gateInner: 16, classInner: 16, dropout: 0 },
  temperature: TEMPERATURE,
};
const definition = detectorDefinition(config, {
  ...{ batch: 2, classes: 3, source: { kind: 'learned' }, queries: 'image', batchStatistics: true },
});
const images = Float32Array.from(hashValues('pictures', 2 * 3 * side * side));
const twoBoxes = { classes: [0, 2], boxes: [0.3, 0.3, 0.2, 0.2, 0.7, 0.6, 0.3, 0.4] };
const made = { createBuffer: 0, createBindGroup: 0 };
let device: GPUDevice;
let trainer: EngineTrainer;

beforeAll(async () => {
  ({ device } = await openDevice());
  for (const name of ['createBuffer', 'createBindGroup'] as const) {
    const original = device[name].bind(device) as (...args: unknown[]) => unknown;
    Object.defineProperty(device, name, {
      value: (...args: unknown[]) => {
        made[name]++;
        return original(...args);
      },
    });
  }
  const random = new CounterRandom(1, 3, 0);
  trainer = await EngineTrainer.create(device, definition, {
    ...{ batchSize: 2, seed: 1, random: () => random.next() },
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 1e-4, clipNorm: 0.1 },
  });
}, 240_000);
afterAll(() => device.destroy());

async function step(number: number, targets: Parameters<typeof targetInputs>[0]) {
  const batch = { images, ...targetInputs(targets) };
  await trainer.train([await trainer.stage(batch)], number, 3e-3);
  return (await trainer.losses())[0]!;
}

it('learns two boxes, and that a picture without any shows nothing', async () => {
  const targets = [twoBoxes, { classes: [], boxes: [] }];
  const first = await step(1, targets);
  await trainer.predicts;
  expect(first.parts['l1']).toBeGreaterThan(0);
  const before = { ...made };
  let last = first;
  for (let number = 2; number <= 40; number++) last = await step(number, targets);
  expect(last.loss).toBeLessThan(0.7 * first.loss);
  expect(made).toEqual(before);
  expect(trainer.livePeakBytes).toBeLessThanOrEqual(trainer.plan.plannedPeakBytes);
});

it('has only the class to learn from pictures without boxes', async () => {
  const none = { classes: [], boxes: [] };
  const { loss, parts } = await step(41, [none, none]);
  expect(parts).toMatchObject({ l1: 0, giou: 0, contrast: 0 });
  expect(loss).toBeCloseTo(parts['crossEntropy']!, 5);
});
