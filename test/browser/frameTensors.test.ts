// From a file to a tensor and through the cache, in a real browser: values, order, and what closes when something throws.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import { FramePass } from '../../src/engine/frames/framePass';
import type { FrameRecipe, FrameTensor } from '../../src/engine/frames/frameRecipe';
import { stretched } from '../../src/engine/frames/placement';
import { framesToBytes, framesToTensor } from '../../src/frames/frameBatches';
import { decodeFrames } from '../../src/video/decodeFrames';
import { cachedFrames, clearFrameCache, FrameCache } from '../../src/video/frameCache';
import { VideoFile } from '../../src/video/videoFile';
import { levelOf, makeClip } from './clip';

const side = 16;
const frameStride = 3 * side * side;
let device: GPUDevice;
let pass: FramePass;
let video: VideoFile;
let recipe: FrameRecipe;
let faults = 0;

beforeAll(async () => {
  ({ device } = await openDevice());
  device.addEventListener('uncapturederror', () => faults++);
  pass = new FramePass(device);
  video = await VideoFile.open(await makeClip({ frames: 21 }), 'clip.mp4');
  const { width, height, orientation, colour } = video.facts;
  recipe = {
    placement: stretched({ width, height }, { width: side, height: side }),
    coded: { upright: { width, height }, ...orientation },
    colour,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    jitter: [],
  };
});

afterAll(async () => {
  video[Symbol.dispose]();
  pass.dispose();
  device.destroy();
  await clearFrameCache();
});

async function tensorOf(frames: number, write: (tensor: FrameTensor) => Promise<unknown>): Promise<Float32Array> {
  const size = frames * frameStride * 4;
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const layout = { frameStride, channelStride: side * side, rowStride: side, columnStride: 1 };
  await write({ buffer, format: 'f32', firstElement: 0, ...layout });
  const back = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, back, 0, size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  return new Float32Array(back.getMappedRange().slice(0));
}

const placeIn = (tensor: FrameTensor) => (frame: number) => ({
  ...tensor,
  firstElement: tensor.firstElement + frame * tensor.frameStride,
});

function expectLevels(tensor: Float32Array, wanted: readonly number[]): void {
  wanted.forEach((index, i) => {
    for (const at of [0, side * side - 1, 2 * side * side + 7])
      expect(Math.abs(tensor[i * frameStride + at]! * 255 - levelOf(index))).toBeLessThan(6);
  });
  expect(faults).toBe(0);
}

it('puts every frame in its place', async () => {
  const all = Array.from({ length: 21 }, (_, i) => i);
  const tensor = await tensorOf(21, async (target) => {
    expect(await framesToTensor(decodeFrames(video), pass, () => recipe, placeIn(target))).toEqual([
      ...video.facts.times,
    ]);
  });
  expectLevels(tensor, all);
});

it('gives the same through the cache', async () => {
  const cache = new FrameCache(true);
  const key = { file: { name: 'clip.mp4', size: 1, lastModified: 2 }, width: side, height: side, recipe: 'stretched' };
  expect(
    await cache.write(
      key,
      framesToBytes(decodeFrames(video), device, pass, () => recipe),
    ),
  ).toBe(true);
  const bytes = await cache.read(key, [3, 4, 17]);
  const frames = [...cachedFrames(bytes!, key)];
  const size = { width: side, height: side };
  const coded = { upright: size, rotation: 0, mirrored: false } as const;
  const tensor = await tensorOf(3, (target) =>
    pass.encode(frames, { ...recipe, placement: stretched(size, size), coded }, target),
  );
  for (const frame of frames) frame.close();
  expectLevels(tensor, [3, 4, 17]);
});

it('closes all frames when one cannot be made, and says why', async () => {
  const taken: VideoFrame[] = [];
  async function* failing() {
    for await (const decoded of decodeFrames(video)) {
      taken.push(decoded.frame);
      if (taken.length === 12) throw new Error('the file went away');
      yield decoded;
    }
  }
  await expect(
    tensorOf(21, (target) => framesToTensor(failing(), pass, () => recipe, placeIn(target))),
  ).rejects.toThrow('went away');
  // The one on which it broke was never handed over.
  expect(taken.slice(0, -1).map(({ format }) => format)).toEqual(Array(11).fill(null));
  taken.at(-1)!.close();
});
