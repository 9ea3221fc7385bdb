// Clips that see each frame through a crop of its own, in a real browser: from decoders and from kept frames.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import { FramePass } from '../../src/engine/frames/framePass';
import { DecodedVideos } from '../../src/frames/decodedVideos';
import type { OpenVideo } from '../../src/frames/videoStore';
import { DecodePool } from '../../src/video/decodePool';
import { connectDecodeWorker } from '../../src/video/decodeRemote';
import { encodeVideo } from '../../src/video/encodeVideo';
import { FrameCache } from '../../src/video/frameCache';
import { waves } from './clip';

const size = { width: 16, height: 12 };
const frameValues = 3 * size.width * size.height;
const picture = { width: 80, height: 56 };
let device: GPUDevice;
let pass: FramePass;
let store: DecodedVideos;

beforeAll(async () => {
  ({ device } = await openDevice());
  pass = new FramePass(device);
  const worker = () => new Worker(new URL('../../workers/decode.ts', import.meta.url), { type: 'module' });
  store = new DecodedVideos({
    pool: new DecodePool(() => connectDecodeWorker(worker()), 2),
    cache: new FrameCache(false),
    openDevice: () => Promise.resolve(device),
    memoryBytes: 1e6,
  });
});

afterAll(() => {
  store.dispose();
  pass.dispose();
  device.destroy();
});

async function seen(video: OpenVideo, frames: readonly number[]): Promise<Float32Array> {
  const bytes = frames.length * frameValues * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const back = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  const input = store.input([{ video, frames, flip: false, jitter: [] }], { size, mean: [0, 0, 0], std: [1, 1, 1] });
  await input.writeFrames({
    device,
    pass,
    buffers: [buffer],
    firstElement: 0,
    elements: frames.length * frameValues,
    format: 'f32',
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, back, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  return new Float32Array(back.getMappedRange().slice(0));
}

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);

it('each frame is what a still crop of it shows, decoded or kept; the file stays open for others', async () => {
  const frames = Array.from({ length: 8 }, (_, i) => waves(picture, i));
  const file = { path: 'waves.mp4', blob: await encodeVideo({ ...picture, framesPerSecond: 25, frames }) };
  const whole = await store.open(file, () => null);
  const crops = Array.from(whole.times, (_, i) => ({ x: 4 * i, y: 2 * i, width: 32, height: 24 }));
  const moving = store.cropped(whole, crops);
  const wanted = [0, 3, 6, 6];
  const got = await seen(moving, wanted);
  for (const [place, frame] of wanted.entries()) {
    const still = await store.open(file, () => crops[frame]!);
    const part = got.subarray(place * frameValues, (place + 1) * frameValues);
    expect(distance(part, await seen(still, [frame]))).toBeLessThan(1e-4);
  }
  // The crop of another frame shows something else.
  const elsewhere = await store.open(file, () => crops[0]!);
  expect(distance(got.subarray(frameValues, 2 * frameValues), await seen(elsewhere, [3]))).toBeGreaterThan(0.2);

  expect(await store.keep([moving], { size }, () => undefined)).toMatchObject({ videos: 1, kept: 1 });
  expect(distance(await seen(moving, wanted), got)).toBeLessThan(1.5 / 255);
  store.close(moving);
  await seen(whole, [2]);
});
