// Frames and pictures one after the other: numbered, made of bytes, counted as they come.
import type { Size } from '../engine/frames/placement';
import type { DecodedFrame } from '../video/decodeFrames';
import { cachedFrames } from '../video/frameCache';

/** Frames of a clip, one for each place, with their numbers and times. */
export async function* numbered(
  frames: Iterable<VideoFrame>,
  wanted: readonly number[],
  times: Float64Array,
): AsyncGenerator<DecodedFrame, void> {
  let place = 0;
  await Promise.resolve();
  for (const frame of frames) {
    const index = wanted[place++]!;
    yield { index, seconds: times[index]!, frame };
  }
}

/** Pictures of bytes as frames, one for each place. */
export async function* asFrames(
  pictures: AsyncIterable<Uint8Array<ArrayBuffer>>,
  size: Size,
  wanted: readonly number[],
  times: Float64Array,
): AsyncGenerator<DecodedFrame, void> {
  let place = 0;
  for await (const picture of pictures) {
    for (const frame of cachedFrames(picture, size)) {
      const index = wanted[place++]!;
      yield { index, seconds: times[index]!, frame };
    }
  }
}

/** The same, and says when each comes. */
export async function* heard<T>(items: AsyncIterable<T>, hear: () => void): AsyncGenerator<T> {
  for await (const item of items) {
    hear();
    yield item;
  }
}
