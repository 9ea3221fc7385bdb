// Cached frames: what was written comes back, whole or not at all, and only while the switch is on.
import { afterEach, expect, it } from 'vitest';
import { clearFrameCache, FrameCache, frameCacheSize, type FrameCacheKey } from '../../src/video/frameCache';

const key: FrameCacheKey = {
  file: { name: 'a/b: c?.mp4', size: 1000, lastModified: 5 },
  width: 4,
  height: 3,
  recipe: 'stretched',
};
const frame = (value: number) => new Uint8Array(48).fill(value);
async function* frames(count: number) {
  await Promise.resolve();
  for (let i = 0; i < count; i++) yield frame(i);
}

afterEach(clearFrameCache);

it('gives back any frames in any order', async () => {
  const cache = new FrameCache(true);
  expect(await cache.write(key, frames(10))).toBe(true);
  const got = await cache.read(key, [2, 3, 4, 9, 0, 0]);
  expect(got).toEqual(Uint8Array.from([2, 3, 4, 9, 0, 0].flatMap((value) => [...frame(value)])));
  expect(await frameCacheSize()).toMatchObject({ bytes: 480, videos: 1 });
});

it('knows nothing of another file, size or recipe, nor of frames that were not written', async () => {
  const cache = new FrameCache(true);
  await cache.write(key, frames(3));
  for (const other of [
    { ...key, recipe: 'centred' },
    { ...key, width: 3, height: 4 },
    { ...key, file: { ...key.file, lastModified: 6 } },
  ])
    expect(await cache.read(other, [0])).toBeNull();
  expect(await cache.read(key, [3])).toBeNull();
  expect(await cache.read(key, [0])).not.toBeNull();
});

it('keeps nothing of a video whose decoding broke off', async () => {
  const cache = new FrameCache(true);
  async function* broken() {
    yield* frames(2);
    throw new Error('broke off');
  }
  await expect(cache.write(key, broken())).rejects.toThrow('broke off');
  expect(await cache.read(key, [0])).toBeNull();
  expect((await frameCacheSize()).bytes).toBe(0);
});

it('does nothing when it is switched off', async () => {
  const cache = new FrameCache(false);
  expect(await cache.write(key, frames(2))).toBe(false);
  expect(await cache.hasRoom(1, 4, 3)).toBe(false);
  expect(await frameCacheSize()).toMatchObject({ bytes: 0, videos: 0 });
});

it('takes at most half of what is free', async () => {
  const cache = new FrameCache(true);
  const { freeBytes } = await frameCacheSize();
  const megabytes = freeBytes / 2 ** 20;
  expect(await cache.hasRoom(Math.floor(0.4 * megabytes), 512, 512)).toBe(true);
  expect(await cache.hasRoom(Math.ceil(0.6 * megabytes), 512, 512)).toBe(false);
});
