// Every place of a clip gets a frame, and every frame is closed once.
import { expect, it } from 'vitest';
import { distinctFrames, placedFrames } from '../../src/frames/placedFrames';
import type { DecodedFrame } from '../../src/video/decodeFrames';

/** Stands in for a VideoFrame: counts those that are open. */
class Picture {
  static open = 0;
  constructor() {
    Picture.open++;
  }
  clone(): Picture {
    return new Picture();
  }
  close(): void {
    Picture.open--;
  }
}

async function* giving(indices: readonly number[], fails = false): AsyncGenerator<DecodedFrame, void> {
  for (const index of indices) {
    await Promise.resolve();
    yield { index, seconds: index / 25, frame: new Picture() as unknown as VideoFrame };
  }
  if (fails) throw new Error('the file went away');
}

async function placed(came: readonly number[], wanted: readonly number[], most = Infinity): Promise<number[]> {
  const got: number[] = [];
  for await (const { index, frame } of placedFrames(giving(came), wanted)) {
    got.push(index);
    frame.close();
    if (got.length === most) break;
  }
  expect(Picture.open).toBe(0);
  return got;
}

it.each<[string, number[], number[], number[]]>([
  ['repeats frames', [3, 8], [3, 3, 8, 8, 8], [3, 3, 8, 8, 8]],
  ['takes the one before a lost frame', [3, 9], [3, 5, 5, 9], [3, 3, 3, 9]],
  ['takes the first where the beginning is lost', [5, 6], [1, 2, 5, 6], [5, 5, 5, 6]],
  ['takes the last where the end is lost', [1, 2], [1, 2, 3, 3], [1, 2, 2, 2]],
  ['gives nothing where nothing came', [], [1, 2], []],
])('%s', async (_, came, wanted, expected) => {
  expect(await placed(came, wanted)).toEqual(expected);
});

it.each([1, 2, 3, 4])('closes all when the loop is left after %i frames', async (most) => {
  expect(await placed([5, 6], [1, 5, 5, 6], most)).toHaveLength(most);
});

it('closes all when decoding breaks off', async () => {
  const run = async () => {
    for await (const { frame } of placedFrames(giving([1, 2], true), [1, 2, 3])) frame.close();
  };
  await expect(run()).rejects.toThrow('went away');
  expect(Picture.open).toBe(0);
});

it('asks a decoder once for each frame', () => {
  expect(distinctFrames([0, 0, 3, 7, 7])).toEqual([0, 3, 7]);
});
