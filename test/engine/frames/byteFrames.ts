// Pictures of bytes by a formula that Python repeats, and what the frame pass makes of them, as bytes again.
import type { ColourJitter } from '../../../src/engine/frames/colourJitter';
import type { FramePass } from '../../../src/engine/frames/framePass';
import type { FrameRecipe } from '../../../src/engine/frames/frameRecipe';
import type { Placement, Size } from '../../../src/engine/frames/placement';
import type { RandAugment } from '../../../src/engine/frames/randAugment';
import { stubFrame } from './stubFrame';

/** Upper bytes of x ← 1664525 x + 1013904223 (mod 2³²), pixel by pixel. */
export function byteFrame({ width, height }: Size, seed: number): VideoFrame {
  let x = seed;
  const next = () => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) >>> 24;
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : next()));
  return stubFrame('RGBA', width, height, [{ width, height, bytesPerSample: 4, data }]);
}

export const bytesOf = (base64: string) => [...Buffer.from(base64, 'base64')];

/** Red, green and blue of the placed and jittered frame, 0..255, row by row. */
export async function encodeBytes(
  device: GPUDevice,
  pass: FramePass,
  frame: VideoFrame,
  upright: Size,
  placement: Placement,
  jitter: ColourJitter = [],
  augment: RandAugment = [],
): Promise<number[]> {
  const { width, height } = placement.window;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = width * height * 4;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const back = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const recipe: FrameRecipe = {
    ...{ placement, augment, jitter, coded: { upright, rotation: 0, mirrored: false } },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], colour: { matrix: 'bt601', fullRange: true } },
  };
  const layout = { format: 'rgba8', firstElement: 0, frameStride: 0, channelStride: 0 } as const;
  await pass.encode([frame], recipe, { buffer, ...layout, rowStride: width, columnStride: 1 });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, back, 0, size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const bytes = [...new Uint8Array(back.getMappedRange())].filter((_, i) => i % 4 < 3);
  back.destroy();
  buffer.destroy();
  return bytes;
}
