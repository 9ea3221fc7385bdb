// From files to falling losses: clips that the page encoded are decoded, staged and trained on, by the parts that runs use.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import type { Parameters } from '../../src/engine/graph/parameters';
import { defaultInitializer } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import { relu } from '../../src/engine/ops/activation';
import { convolution } from '../../src/engine/ops/convolution';
import { mean } from '../../src/engine/ops/mean';
import { reshape } from '../../src/engine/ops/view';
import { linear } from '../../src/layers/linear';
import { binaryCrossEntropyWithLogits } from '../../src/losses/binaryCrossEntropy';
import { DecodedVideos } from '../../src/frames/decodedVideos';
import { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../src/training/trainer/modelDefinition';
import { CounterRandom } from '../../src/samples/random';
import type { Batch } from '../../src/training/runtime';
import type { FrameLook, OpenVideo } from '../../src/frames/videoStore';
import { DecodePool } from '../../src/video/decodePool';
import { connectDecodeWorker } from '../../src/video/decodeRemote';
import { encodeVideo, type Pixels } from '../../src/video/encodeVideo';
import { clearFrameCache, FrameCache } from '../../src/video/frameCache';

const clips = 4;
const frames = 4;
const size = { width: 32, height: 24 };
const source = { width: 64, height: 48 };
const look: FrameLook = { size, mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225] };

let device: GPUDevice;
let buffers = 0;
const faults: string[] = [];
const files: { path: string; blob: Blob; label: number }[] = [];

/** Stripes that drift: across the picture for one class, down it for the other. */
function* stripes(video: number, down: boolean): Generator<Pixels> {
  for (let frame = 0; frame < 10; frame++) {
    const pixels = new Uint8ClampedArray(source.width * source.height * 4);
    for (let i = 0; i < source.width * source.height; i++) {
      const along = down ? Math.floor(i / source.width) : i % source.width;
      const wave = Math.sin((along + frame) / 2 + video);
      pixels.set([128 + 90 * wave, 120 + 60 * wave, 140 - 70 * wave, 255], 4 * i);
    }
    yield pixels;
  }
}

beforeAll(async () => {
  ({ device } = await openDevice());
  device.addEventListener('uncapturederror', ({ error }) => faults.push(error.message));
  const original = device.createBuffer.bind(device);
  Object.defineProperty(device, 'createBuffer', { value: (one: GPUBufferDescriptor) => (buffers++, original(one)) });
  for (let video = 0; video < 8; video++) {
    const label = video % 2;
    const blob = await encodeVideo({ ...source, framesPerSecond: 10, frames: stripes(video, label === 1) });
    files.push({ path: `${video}.mp4`, blob: new File([blob], `${video}.mp4`, { lastModified: 1 }), label });
  }
});

afterAll(async () => {
  device.destroy();
  await clearFrameCache();
});

const startDecoder = () =>
  connectDecodeWorker(new Worker(new URL('../../workers/decode.ts', import.meta.url), { type: 'module' }));

async function openStore(memoryBytes: number): Promise<{ store: DecodedVideos; videos: OpenVideo[] }> {
  const parts = { cache: new FrameCache(false), openDevice: () => Promise.resolve(device) };
  const store = new DecodedVideos({ pool: new DecodePool(startDecoder, 2), ...parts, memoryBytes });
  return { store, videos: await Promise.all(files.map((file) => store.open(file, () => null))) };
}

/** One convolution, and the mean over each clip. */
function network(p: Parameters, x: Tensor): Tensor {
  const pictures = reshape(x, [clips * frames, 3, size.height, size.width]);
  const weight = p.weight('filters.weight', [8, 3, 3, 3], defaultInitializer(27));
  const filtered = relu(convolution(pictures, weight, null, { padding: 1 }));
  return reshape(linear(p.at('head'), mean(reshape(mean(filtered, [2, 3]), [clips, frames, 8]), [1]), 1), [clips]);
}

const model: ModelDefinition = {
  inputs: { clips: { shape: [clips, frames, 3, size.height, size.width], frames: true, half: true }, label: [clips] },
  loss: (p, { clips: x, label }) => ({ total: binaryCrossEntropyWithLogits(network(p, x!), label!), parts: new Map() }),
  predict: (p, { clips: x }) => ({ scores: network(p, x!) }),
};

function createTrainer(mixedPrecision = false): Promise<EngineTrainer> {
  const random = new CounterRandom(1, 1, 0);
  return EngineTrainer.create(device, model, {
    batchSize: clips,
    seed: 1,
    random: () => random.next(),
    mixedPrecision,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
  });
}

/** Half of the videos, at another moment each step. */
function batchOf(store: DecodedVideos, videos: readonly OpenVideo[], step: number): Batch {
  const chosen = Array.from({ length: clips }, (_, i) => (step * clips + i) % videos.length);
  const first = step % 3;
  const input = chosen.map((i) => ({
    ...{ video: videos[i]!, frames: [first, first + 2, first + 4, first + 4] },
    flip: step % 2 === 1,
    jitter: [],
  }));
  return { clips: store.input(input, look), label: Float32Array.from(chosen, (i) => files[i]!.label) };
}

async function train(
  trainer: EngineTrainer,
  { store, videos }: { store: DecodedVideos; videos: OpenVideo[] },
  steps: number,
): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.train([await trainer.stage(batchOf(store, videos, step))], step, 0.03);
    losses.push(...(await trainer.losses()).map(({ loss }) => loss));
  }
  return losses;
}

it.each([
  ['decoders', 0],
  ['kept frames', 1e7],
])('learns from %s without new GPU memory', async (_, memoryBytes) => {
  const opened = await openStore(memoryBytes);
  const { kept } = await opened.store.keep(opened.videos, { size }, () => undefined);
  expect(kept).toBe(memoryBytes === 0 ? 0 : files.length);
  const trainer = await createTrainer();
  const warm = await train(trainer, opened, 4);
  const [made, own] = [buffers, trainer.buffersMade];
  const losses = [...warm, ...(await train(trainer, opened, 30))];
  expect(buffers).toBe(made);
  expect(trainer.buffersMade).toBe(own);
  expect(trainer.livePeakBytes).toBe(trainer.plan.plannedPeakBytes);
  const mean = (some: number[]) => some.reduce((sum, one) => sum + one, 0) / some.length;
  expect(mean(losses.slice(0, 2))).toBeGreaterThan(0.5);
  expect(mean(losses.slice(-4))).toBeLessThan(0.3);
  await trainer.predicts;
  const { scores } = await trainer.predict(await trainer.stage(batchOf(opened.store, opened.videos, 0)));
  expect([...scores!].map((score) => (score > 0 ? 1 : 0))).toEqual([0, 1, 0, 1]);
  trainer.dispose();
  opened.store.dispose();
  expect(faults).toEqual([]);
});

it('learns the same from kept frames as from decoders, but for their rounding', async () => {
  const [plain, kept] = [await openStore(0), await openStore(1e7)];
  await kept.store.keep(kept.videos, { size }, () => undefined);
  const [one, other] = [await createTrainer(), await createTrainer()];
  const [wanted, got] = [await train(one, plain, 6), await train(other, kept, 6)];
  got.forEach((loss, i) => expect(Math.abs(loss - wanted[i]!)).toBeLessThan(5e-3));
  for (const trainer of [one, other]) trainer.dispose();
  for (const { store } of [plain, kept]) store.dispose();
});

it('stages halves where the model computes in halves', async (context) => {
  if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
  const opened = await openStore(0);
  const [full, mixed] = [await createTrainer(), await createTrainer(true)];
  const [wanted, got] = [await train(full, opened, 4), await train(mixed, opened, 4)];
  got.forEach((loss, i) => expect(Math.abs(loss - wanted[i]!)).toBeLessThan(0.02));
  expect(mixed.livePeakBytes).toBe(mixed.plan.plannedPeakBytes);
  for (const trainer of [full, mixed]) trainer.dispose();
  opened.store.dispose();
  expect(faults).toEqual([]);
});
