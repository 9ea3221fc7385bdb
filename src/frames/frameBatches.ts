// Decoded frames on their way into a batch: a few at a time, closed once the GPU has what it needs of them.
import type { FramePass } from '../engine/frames/framePass';
import type { FrameRecipe, FrameTensor } from '../engine/frames/frameRecipe';
import type { DecodedFrame } from '../video/decodeFrames';
import { heardLater } from './heardLater';

/** Frames per compute pass. More do not make it faster, and each holds a decoded picture. */
const framesPerPass = 4;

/**
 * Writes frames to where `place` says (by their number) in the order in which they come, and returns their presentation
 * times. Frames of one buffer are written together where they lie one after the other and `recipe` (by a frame's number
 * in its video) is the same. While one pass is
 * under way the next frames are decoded; every frame is closed, also when something throws.
 */
export async function framesToTensor(
  frames: AsyncIterable<DecodedFrame>,
  pass: FramePass,
  recipe: (index: number) => FrameRecipe,
  place: (frame: number) => FrameTensor,
): Promise<number[]> {
  const times: number[] = [];
  let waiting: VideoFrame[] = [];
  let shared: FrameRecipe | null = null;
  let underWay: Promise<void> = Promise.resolve();
  const send = async () => {
    const sent = waiting;
    waiting = [];
    const first = place(times.length - sent.length);
    await underWay;
    underWay = heardLater(pass.encode(sent, shared!, first).finally(() => closeAll(sent)));
  };
  try {
    for await (const { frame, seconds, index } of frames) {
      const { buffer } = place(times.length);
      const own = recipe(index);
      if (waiting.length > 0 && (place(times.length - 1).buffer !== buffer || own !== shared)) await send();
      shared = own;
      waiting.push(frame);
      times.push(seconds);
      if (waiting.length === framesPerPass) await send();
    }
    await send();
    return times;
  } finally {
    closeAll(waiting);
    await underWay;
  }
}

/** Frames that cross back from the GPU together: each way waits for all that the GPU has to do before. */
const [MOST_TOGETHER, BYTES_TOGETHER] = [16, 2 ** 20];

/** Frames resized to bytes (red, green, blue, 255), one after the other, as the frame cache keeps them. */
export async function* framesToBytes(
  frames: AsyncIterable<DecodedFrame>,
  device: GPUDevice,
  pass: FramePass,
  recipe: (index: number) => FrameRecipe,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { width, height } = recipe(0).placement.window;
  const bytes = 4 * width * height;
  const most = Math.max(1, Math.min(MOST_TOGETHER, Math.floor(BYTES_TOGETHER / bytes)));
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = most * bytes;
  const buffer = device.createBuffer({ label: 'frames to keep', size, usage: STORAGE | COPY_SRC });
  const back = device.createBuffer({ label: 'frames to keep', size, usage: COPY_DST | MAP_READ });
  const layout = { frameStride: width * height, channelStride: 0, rowStride: width, columnStride: 1 };
  const place = (frame: number): FrameTensor => {
    return { buffer, format: 'rgba8', firstElement: frame * layout.frameStride, ...layout };
  };
  const iterator = frames[Symbol.asyncIterator]();
  try {
    for (let count = most; count === most;) {
      ({ length: count } = await framesToTensor(upTo(most, iterator), pass, recipe, place));
      if (count === 0) return;
      const encoder = device.createCommandEncoder({ label: 'frames to keep' });
      encoder.copyBufferToBuffer(buffer, 0, back, 0, count * bytes);
      device.queue.submit([encoder.finish()]);
      await back.mapAsync(GPUMapMode.READ, 0, count * bytes);
      const read = new Uint8Array(back.getMappedRange(0, count * bytes).slice(0));
      back.unmap();
      for (let frame = 0; frame < count; frame++) yield read.subarray(frame * bytes, (frame + 1) * bytes);
    }
  } finally {
    await iterator.return?.();
    buffer.destroy();
    back.destroy();
  }
}

/** The next items, at most so many; the iterator stays open. */
async function* upTo<T>(most: number, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  for (let k = 0; k < most; k++) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}

function closeAll(frames: readonly VideoFrame[]): void {
  for (const frame of frames) frame.close();
}
