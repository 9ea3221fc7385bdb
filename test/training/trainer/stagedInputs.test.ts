// Frames on their way into a step on a true device: the same step as from arrays, in buffers that are used again.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { square, subtract } from '../../../src/engine/ops/arithmetic';
import { mean } from '../../../src/engine/ops/mean';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { UserError } from '../../../src/errors';
import { narrowHalf } from '../../../src/formats/halfFloat';
import { linear } from '../../../src/layers/linear';
import { EngineTrainer, type TrainerOptions } from '../../../src/training/trainer/engineTrainer';
import type { InputDefinition, ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import type { Batch } from '../../../src/training/runtime';
import type { FrameInput } from '../../../src/frames/frameInput';
import { Predictor } from '../../../src/training/trainer/predictor';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { openDevice } from '../../helpers/gpu';

const rows = 3;
const width = 10;

function model(x: InputDefinition): ModelDefinition {
  const forward = (p: Parameters, input: Tensor): Tensor => linear(p.at('layer'), input, 2);
  return {
    inputs: { x, y: [rows, 2] },
    loss: (p, inputs) => ({ total: mean(square(subtract(forward(p, inputs.x!), inputs.y!))), parts: new Map() }),
    predict: (p, inputs) => ({ y: forward(p, inputs.x!) }),
  };
}

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

const values = (phase: number) => Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * 0.37 + phase));
const y = Float32Array.from({ length: rows * 2 }, (_, i) => i / 3);
const arrays = (phase: number): Batch => ({ x: values(phase), y });

/** The same values as frames would bring them. */
function frames(phase: number, before: () => Promise<unknown> = () => Promise.resolve()): Batch {
  const x: FrameInput = {
    async writeFrames(target) {
      await before();
      const data = values(phase);
      const at = target.firstElement * (target.format === 'f16' ? 2 : 4);
      target.device.queue.writeBuffer(target.buffers[0]!, at, target.format === 'f16' ? narrowHalf(data) : data);
    },
  };
  return { x, y };
}

function create(x: InputDefinition, options: Partial<TrainerOptions> = {}): Promise<EngineTrainer> {
  let state = 1;
  return EngineTrainer.create(device, model(x), {
    batchSize: rows,
    seed: 3,
    random: () => (state = (state * 16807) % 2147483647) / 2147483647,
    optimizer: { name: 'SGD', momentum: 0, weightDecay: 0, clipNorm: 0 },
    ...options,
  });
}

async function losses(trainer: EngineTrainer, batchOf: (step: number) => Batch, steps = 6): Promise<number[]> {
  const result: number[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.train([await trainer.stage(batchOf(step))], step, 0.1);
    for (const { loss } of await trainer.losses()) result.push(loss);
  }
  return result;
}

it('gives the step that arrays give, in one buffer, as planned', async () => {
  const plain = await create([rows, width]);
  const staged = await create({ shape: [rows, width], frames: true });
  expect(await losses(staged, frames)).toEqual(await losses(plain, arrays));
  const [one, other] = [await staged.stage(frames(9)), await plain.stage(arrays(9))];
  await Promise.all([staged.predicts, plain.predicts]);
  expect(await staged.predict(one)).toEqual(await plain.predict(other));
  const { made } = { made: staged.buffersMade };
  await losses(staged, frames, 3);
  expect(staged.buffersMade).toBe(made);
  expect(staged.livePeakBytes).toBe(staged.plan.plannedPeakBytes);
  expect(staged.livePeakBytes - plain.livePeakBytes).toBe(rows * width * 4);
  for (const trainer of [plain, staged]) trainer.dispose();
});

it('brings frames as halves where activations are halves', async (context) => {
  if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
  const input = { shape: [rows, width], frames: true, half: true };
  const [mixed, full] = [await create(input, { mixedPrecision: true }), await create(input)];
  const [got, wanted] = [await losses(mixed, frames), await losses(full, frames)];
  got.forEach((loss, i) => expect(Math.abs(loss - wanted[i]!)).toBeLessThan(2e-3 * wanted[0]!));
  expect(mixed.livePeakBytes).toBe(mixed.plan.plannedPeakBytes);
  for (const trainer of [mixed, full]) trainer.dispose();
});

it('keeps as many buffers as batches of a step, also when one of them fails', async () => {
  const trainer = await create({ shape: [rows, width], frames: true }, { accumulation: 2 });
  await trainer.train(await stageAll(trainer, [frames(1), frames(2)]), 1, 0.1);
  const broken = frames(3, () => Promise.reject(new UserError('video-damaged', 'damaged')));
  await expect(stageAll(trainer, [frames(1), broken])).rejects.toThrow('damaged');
  const unused = await trainer.stage(frames(4));
  unused.release();
  unused.release();
  await trainer.train(await stageAll(trainer, [frames(1), frames(2)]), 2, 0.1);
  await trainer.losses();
  expect(trainer.livePeakBytes).toBe(trainer.plan.plannedPeakBytes);
  trainer.dispose();
});

it('refuses a batch that was used or released', async () => {
  const trainer = await create({ shape: [rows, width], frames: true });
  const batch = await trainer.stage(frames(1));
  await trainer.train([batch], 1, 0.1);
  await expect(trainer.train([batch], 2, 0.1)).rejects.toThrow(/used once/);
  trainer.dispose();
});

it('waits with its buffers until frames that are on their way have come', async () => {
  const trainer = await create({ shape: [rows, width], frames: true });
  let arrive = (): void => undefined;
  const errors: string[] = [];
  const listen = (event: GPUUncapturedErrorEvent) => void errors.push(event.error.message);
  device.addEventListener('uncapturederror', listen);
  const staging = trainer.stage(frames(1, () => new Promise<void>((resolve) => (arrive = resolve))));
  trainer.dispose();
  arrive();
  await staging;
  await device.queue.onSubmittedWorkDone();
  expect(errors).toEqual([]);
  device.removeEventListener('uncapturederror', listen);
});

it('brings frames of predictions to where the program reads them, one batch after the other', async () => {
  const trainer = await create([rows, width]);
  const definition = model({ shape: [rows, width], frames: true });
  const predictor = await Predictor.create(device, definition, { batchSize: rows });
  for (const [name, tensor] of await trainer.weights()) await predictor.writeWeight(name, tensor);
  await trainer.predicts;
  const made = predictor.buffersMade;
  const first = await predictor.stage(frames(1));
  const second = predictor.stage(frames(2));
  const damaged = frames(3, () => Promise.reject(new UserError('video-damaged', 'damaged')));
  const broken = expect(predictor.stage(damaged)).rejects.toThrow('damaged');
  const unused = predictor.stage(frames(4));
  const last = predictor.stage(frames(5));
  const predicted = [await predictor.predict(first), await predictor.predict(await second)];
  await broken;
  (await unused).release();
  predicted.push(await predictor.predict(await last));
  for (const [number, phase] of [1, 2, 5].entries())
    expect(predicted[number]).toEqual(await trainer.predict(await trainer.stage(arrays(phase))));
  expect(predictor.buffersMade).toBe(made);
  expect(predictor.livePeakBytes).toBe(predictor.plannedBytes);
  predictor.dispose();
  trainer.dispose();
});
