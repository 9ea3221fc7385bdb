// Cached frames: what was written comes back, whole or not at all, and only while the switch is on.
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  clearFrameCache,
  FrameCache,
  frameCacheSize,
  nameOf,
  removeFrames,
  type FrameCacheKey,
} from '../../src/video/frameCache';
import { whileTraining } from '../../src/runs/trainLock';
import { releaseFrames } from '../../src/ui/state/releaseFrames';

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
  expect(await cache.claim([key], 1)).toEqual({ fits: false, removedBytes: 0 });
  expect(await frameCacheSize()).toMatchObject({ bytes: 0, videos: 0 });
});

it('takes at most half of what is free', async () => {
  const cache = new FrameCache(true);
  const { freeBytes } = await frameCacheSize();
  expect(await cache.claim([key], 0.4 * freeBytes)).toEqual({ fits: true, removedBytes: 0 });
  expect(await cache.claim([key], 0.6 * freeBytes)).toEqual({ fits: false, removedBytes: 0 });
});

describe('when room is short', () => {
  /** Bytes that the browser says are free while three videos of 480 bytes are kept. */
  const withFree = (bytes: number) =>
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 10_000, quota: 10_000 + bytes });
  const named = (name: string): FrameCacheKey => ({ ...key, file: { ...key.file, name } });
  const [first, second, third] = [named('first'), named('second'), named('third')] as const;
  const isKept = async (one: FrameCacheKey) => (await new FrameCache(true).read(one, [9])) !== null;

  async function keepThree(): Promise<FrameCache> {
    const cache = new FrameCache(true);
    for (const [i, one] of [first, second, third].entries()) {
      vi.spyOn(Date, 'now').mockReturnValue(1000 * (i + 1));
      await cache.claim([one], 480);
      await cache.write(one, frames(10));
    }
    return cache;
  }

  afterEach(() => void vi.restoreAllMocks());

  it('the videos that were used longest ago give way, as few as will do', async () => {
    const cache = await keepThree();
    vi.spyOn(Date, 'now').mockReturnValue(9000);
    await cache.claim([first], 0);
    withFree(600);
    expect(await cache.claim([named('new')], 500)).toEqual({ fits: true, removedBytes: 480 });
    expect([await isKept(first), await isKept(second), await isKept(third)]).toEqual([true, false, true]);
    expect(await frameCacheSize()).toMatchObject({ videos: 2 });
  });

  it('what the run itself uses stays', async () => {
    const cache = await keepThree();
    withFree(600);
    expect(await cache.claim([first, second, named('new')], 500)).toEqual({ fits: true, removedBytes: 480 });
    expect([await isKept(first), await isKept(second), await isKept(third)]).toEqual([true, true, false]);
  });

  it('nothing is deleted where even that would not do', async () => {
    const cache = await keepThree();
    withFree(600);
    expect(await cache.claim([named('new')], 5000)).toEqual({ fits: false, removedBytes: 0 });
    expect((await frameCacheSize()).videos).toBe(3);
  });

  it('what was written without a note of its use counts from then', async () => {
    const cache = await keepThree();
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('frames');
    const notes = await (await folder.getFileHandle('uses.json')).createWritable();
    await notes.write('{ broken');
    await notes.close();
    withFree(600);
    expect(await cache.claim([named('new')], 500)).toEqual({ fits: true, removedBytes: 480 });
    expect((await frameCacheSize()).videos).toBe(2);
  });
});

describe('when the frames are deleted', () => {
  it('those of one run alone go, named as it was told', async () => {
    const cache = new FrameCache(true);
    const other = { ...key, recipe: 'centred' };
    await cache.write(key, frames(2));
    await cache.write(other, frames(2));
    await removeFrames([await nameOf(key), 'gone before']);
    expect(await cache.read(key, [0])).toBeNull();
    expect(await cache.read(other, [0])).not.toBeNull();
  });

  it('those of a run that failed or was deleted go, but for what another kept run uses', async () => {
    const cache = new FrameCache(true);
    const other = { ...key, file: { ...key.file, name: 'b.mp4' } };
    for (const one of [key, other]) await cache.write(one, frames(3));
    const [own, shared] = [await nameOf(key), await nameOf(other)];
    const runs = [
      { runId: 'failed', frames: [own, shared] },
      { runId: 'kept', frames: [shared] },
    ];
    // Those that a run of another tab may be using stay, and nobody is troubled with it.
    await whileTraining(() => releaseFrames('failed', [own, shared], runs));
    expect((await frameCacheSize()).videos).toBe(2);
    await releaseFrames('failed', [own, shared], runs);
    expect(await cache.read(key, [0])).toBeNull();
    expect(await cache.read(other, [0])).not.toBeNull();
  });

  it('they are no longer there for whoever goes on reading', async () => {
    const cache = new FrameCache(true);
    await cache.write(key, frames(10));
    const read = vi.spyOn(Blob.prototype, 'arrayBuffer').mockImplementationOnce(async function (this: Blob) {
      // The file is open by now.
      await clearFrameCache();
      return new TextEncoder().encode(await this.text()).buffer;
    });
    expect(await cache.read(key, [0, 5])).toBeNull();
    expect(read).toHaveBeenCalledOnce();
    read.mockRestore();
    expect(await cache.read(key, [0])).toBeNull();
    expect(await frameCacheSize()).toMatchObject({ bytes: 0, videos: 0 });
    expect(await cache.write(key, frames(2))).toBe(true);
  });
});
