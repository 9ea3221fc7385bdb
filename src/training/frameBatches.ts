// Decoded frames on their way into a batch: a few at a time, closed once the GPU has what it needs of them.
import type { FramePass, FrameRecipe, FrameTensor } from '../engine/frames/framePass';
import type { DecodedFrame } from '../video/decodeFrames';

/** Frames per compute pass. More do not make it faster, and each holds a decoded picture. */
const framesPerPass = 8;

/**
 * Writes frames to `tensor` in the order in which they come, and returns their presentation times. While one pass is
 * under way the next frames are decoded; every frame is closed, also when something throws.
 */
export async function framesToTensor(
  frames: AsyncIterable<DecodedFrame>,
  pass: FramePass,
  recipe: FrameRecipe,
  tensor: FrameTensor,
): Promise<number[]> {
  const times: number[] = [];
  let waiting: VideoFrame[] = [];
  let underWay: Promise<void> = Promise.resolve();
  const send = async () => {
    const sent = waiting;
    waiting = [];
    const firstElement = tensor.firstElement + (times.length - sent.length) * tensor.frameStride;
    await underWay;
    underWay = pass.encode(sent, recipe, { ...tensor, firstElement }).finally(() => closeAll(sent));
    // Whoever awaits it hears of a failure; until then it is no stray rejection.
    underWay.catch(() => undefined);
  };
  try {
    for await (const { frame, seconds } of frames) {
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

function closeAll(frames: readonly VideoFrame[]): void {
  for (const frame of frames) frame.close();
}
