// Stores of two clips in a real browser, and what they write of them.
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import { FramePass } from '../../src/engine/frames/framePass';
import { DecodedVideos } from '../../src/frames/decodedVideos';
import type { DataFile } from '../../src/formats/dataFile';
import type { ClipFrames, FrameLook, OpenVideo } from '../../src/frames/videoStore';
import { DecodePool } from '../../src/video/decodePool';
import { connectDecodeWorker } from '../../src/video/decodeRemote';
import { clearFrameCache, FrameCache } from '../../src/video/frameCache';
import { levelOf, makeClip } from './clip';

export const size = { width: 16, height: 12 };
export const pixels = size.width * size.height;
const look: FrameLook = { size, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
let device: GPUDevice;
let pass: FramePass;
export let files: DataFile[];
let faults = 0;
const stores: DecodedVideos[] = [];

const startDecoder = () =>
  connectDecodeWorker(new Worker(new URL('../../workers/decode.ts', import.meta.url), { type: 'module' }));

export function openStore({ cache = false, memoryBytes = 0, start = startDecoder } = {}): DecodedVideos {
  const parts = {
    pool: new DecodePool(start, 2),
    cache: new FrameCache(cache),
    openDevice: () => Promise.resolve(device),
  };
  const store = new DecodedVideos({ ...parts, memoryBytes });
  stores.push(store);
  return store;
}

export const all = (store: DecodedVideos): Promise<OpenVideo[]> =>
  Promise.all(files.map((file) => store.open(file, () => null)));

beforeAll(async () => {
  ({ device } = await openDevice());
  device.addEventListener('uncapturederror', () => faults++);
  pass = new FramePass(device);
  const [long, short] = [await makeClip({ frames: 30 }), await makeClip({ frames: 12, codec: 'vp8', width: 96 })];
  files = [
    { path: 'set/long.mp4', blob: new File([long], 'long.mp4', { lastModified: 5 }) },
    { path: 'set/short.webm', blob: new File([short], 'short.webm', { lastModified: 6 }) },
  ];
});

afterEach(async () => {
  for (const store of stores.splice(0)) store.dispose();
  await clearFrameCache();
  expect(faults).toBe(0);
});

afterAll(() => {
  pass.dispose();
  device.destroy();
});

export const clip = (video: OpenVideo, frames: number[], more: Partial<ClipFrames> = {}): ClipFrames => ({
  ...{ video, frames, flip: false, jitter: [] },
  ...more,
});

/** What the store writes for these clips, [clips, frames, 3, height, width], into buffers of so many frames. */
export async function written(
  store: DecodedVideos,
  clips: ClipFrames[],
  margin = 0,
  framesPerBuffer = clips.length * clips[0]!.frames.length,
): Promise<Float32Array> {
  const frames = clips.length * clips[0]!.frames.length;
  const elements = framesPerBuffer * 3 * pixels;
  const bytes = frames * 3 * pixels * 4;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffers = Array.from({ length: Math.ceil(frames / framesPerBuffer) }, (_, k) =>
    device.createBuffer({ size: Math.min(elements * 4, bytes - k * elements * 4), usage }),
  );
  const target = { device, pass, buffers, firstElement: 0, elements, format: 'f32' } as const;
  await store.input(clips, { ...look, margin }).writeFrames(target);
  const back = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  buffers.forEach((buffer, k) => encoder.copyBufferToBuffer(buffer, 0, back, k * elements * 4, buffer.size));
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(back.getMappedRange().slice(0));
  for (const one of [...buffers, back]) one.destroy();
  return values;
}

/** Levels of 0..255 in the middle of each frame, all channels one after the other. */
export function levels(values: Float32Array): number[] {
  return Array.from({ length: values.length / pixels }, (_, i) => {
    const channel = i % 3;
    return 255 * (values[i * pixels + pixels / 2 + 5]! * look.std[channel]! + look.mean[channel]!);
  });
}

export const wantedLevels = (frames: number[]) => frames.flatMap((frame) => [0, 1, 2].map(() => levelOf(frame)));

export function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(wanted.length);
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) worst = Math.max(worst, Math.abs(got[i]! - wanted[i]!));
  expect(worst).toBeLessThan(tolerance);
}
