// The contrast of all clips of a step, exactly, over batches that accumulate: frames go piece by piece, none stays.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { gelu } from '../../../src/engine/ops/activation';
import { add, divide, exp, log, multiply, subtract } from '../../../src/engine/ops/arithmetic';
import { chunked } from '../../../src/engine/ops/chunked';
import { matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { expand } from '../../../src/engine/ops/reduce';
import { permute, reshape } from '../../../src/engine/ops/view';
import { narrowHalf } from '../../../src/formats/halfFloat';
import type { FrameInput } from '../../../src/frames/frameInput';
import { linear } from '../../../src/layers/linear';
import type { Batch } from '../../../src/training/runtime';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const clips = 2;
const pixels = 48;
const words = 10;

/** Images against texts, each image the right one of its own text alone; absent batches weigh nothing. */
function contrast(images: Tensor, texts: Tensor, present: Tensor | undefined): Tensor {
  const [rows = 1] = images.shape;
  const { graph } = images.node;
  const weights = present
    ? reshape(expand(reshape(present, [present.size, 1]), [present.size, rows / present.size]), [rows])
    : expand(graph.scalar(1), [rows]);
  const similar = exp(matmul(images, permute(texts, [1, 0])));
  const masked = multiply(similar, expand(reshape(weights, [1, rows]), [rows, rows]));
  const own = sum(multiply(images, texts), [1]);
  const losses = subtract(log(sum(masked, [1])), own);
  return divide(sum(multiply(losses, weights)), sum(weights));
}

function model(batch: number, pieces: number, wholeStep: boolean): ModelDefinition {
  const tower = (p: Parameters, x: Tensor): Tensor => linear(p.at('b'), gelu(linear(p.at('a'), x, 32)), 8);
  return {
    inputs: { frames: { shape: [batch, pixels], frames: true, pieces }, text: [batch, words] },
    wholeStep,
    loss(p, { frames, text, present }) {
      const all = pieces * (frames!.shape[0]! / batch);
      const images =
        pieces > 1
          ? chunked(p.graph, [frames!], all, ([piece]) => [tower(p.at('image'), piece!)])[0]!
          : tower(p.at('image'), frames!);
      const total = contrast(images, linear(p.at('text'), text!, 8), present);
      return { total, parts: new Map([['twice', add(total, total)]]) };
    },
    predict: (p, { frames }) => ({
      features:
        pieces > 1
          ? chunked(p.graph, [frames!], pieces, ([piece]) => [tower(p.at('image'), piece!)])[0]!
          : tower(p.at('image'), frames!),
    }),
  };
}

const values = (name: string, size: number) => Float32Array.from(hashValues(name, size));
const framesOf = (first: number, count: number) =>
  values('frames', 64 * pixels).slice(first * pixels, (first + count) * pixels);
const textOf = (first: number, count: number) =>
  values('text', 64 * words).slice(first * words, (first + count) * words);

/** The same numbers as an array, or as a decoder would bring them. */
function batchOf(first: number, count: number, decoded: boolean): Batch {
  const data = framesOf(first, count);
  const frames: FrameInput = {
    writeFrames({ device, buffers, elements, format }) {
      buffers.forEach((buffer, k) => {
        const part = data.slice(k * elements, (k + 1) * elements);
        device.queue.writeBuffer(buffer, 0, format === 'f16' ? narrowHalf(part) : part);
      });
      return Promise.resolve();
    },
  };
  return { frames: decoded ? frames : data, text: textOf(first, count) };
}

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

async function create(definition: ModelDefinition, batchSize: number, accumulation: number): Promise<EngineTrainer> {
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize,
    accumulation,
    seed: 1,
    random: () => 0.5,
    optimizer: { name: 'SGD', momentum: 0, weightDecay: 0, clipNorm: 0 },
  });
  for (const [name, shape] of trainer.shapes) {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = values(`w:${name}`, size).map((one) => one * 0.4);
    await trainer.writeWeight(name, { dtype: 'F32', shape, data });
  }
  return trainer;
}

/** Loss of the first step, and how far it moved every weight: the gradient, by plain descent. */
async function firstStep(trainer: EngineTrainer, batches: readonly Batch[]) {
  const before = await trainer.weights();
  const staged = [];
  for (const batch of batches) staged.push(await trainer.stage(batch));
  await trainer.train(staged, 1, 1);
  const [record] = await trainer.losses();
  const after = await trainer.weights();
  const moved = [...before].map(([name, { data }]) => {
    const now = after.get(name)!.data as Float32Array;
    return [name, (data as Float32Array).map((one, i) => one - now[i]!)] as const;
  });
  return { loss: record!.loss, parts: record!.parts, gradients: new Map(moved) };
}

function expectSame(a: Awaited<ReturnType<typeof firstStep>>, b: Awaited<ReturnType<typeof firstStep>>): void {
  expect(Math.abs(a.loss - b.loss) / Math.abs(b.loss)).toBeLessThan(1e-5);
  for (const [name, one] of a.gradients) {
    const other = b.gradients.get(name)!;
    const scale = other.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
    // Differences of weights near 1 carry their rounding.
    expect(worst, name).toBeLessThan(1e-5 * scale + 2e-7);
  }
}

describe('a loss over the whole step', () => {
  it.each([false, true])('is that of one large batch; frames that are decoded: %s', async (decoded) => {
    const small = await create(model(clips, 2, true), clips, 4);
    const large = await create(model(4 * clips, 1, false), 4 * clips, 1);
    const batches = [0, 1, 2, 3].map((number) => batchOf(number * clips, clips, decoded));
    const [a, b] = [await firstStep(small, batches), await firstStep(large, [batchOf(0, 4 * clips, false)])];
    expectSame(a, b);
    expect(a.parts['twice']).toBeCloseTo(2 * a.loss, 5);
    expect(small.livePeakBytes).toBeLessThanOrEqual(small.plan.plannedPeakBytes);
    expect(small.livePeakBytes).toBeGreaterThan(0.95 * small.plan.plannedPeakBytes);
  });

  it('leaves out the batches that the last step of an epoch lacks', async () => {
    const small = await create(model(clips, 2, true), clips, 4);
    const large = await create(model(3 * clips, 1, false), 3 * clips, 1);
    const batches = [0, 1, 2].map((number) => batchOf(number * clips, clips, true));
    expectSame(await firstStep(small, batches), await firstStep(large, [batchOf(0, 3 * clips, false)]));
  });

  it('predicts batch by batch', async () => {
    const small = await create(model(clips, 2, true), clips, 4);
    const large = await create(model(4 * clips, 1, false), 4 * clips, 1);
    await Promise.all([small.predicts, large.predicts]);
    const { features } = await small.predict(await small.stage(batchOf(clips, clips, true)));
    const { features: all } = await large.predict(await large.stage(batchOf(0, 4 * clips, false)));
    features!.forEach((value, i) => expect(value).toBeCloseTo(all![clips * 8 + i]!, 5));
  });
});
