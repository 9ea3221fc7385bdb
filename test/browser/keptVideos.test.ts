// Frames of videos that are kept, and clips of them while that goes on, in a real browser.
import { expect, it, vi } from 'vitest';
import { UserError } from '../../src/errors';
import type { DataFile } from '../../src/formats/dataFile';
import { clearFrameCache, frameCacheSize } from '../../src/video/frameCache';
import { all, clip, expectNear, files, levels, openStore, pixels, size, wantedLevels, written } from './openedStore';

it('goes on with decoders when the kept frames are deleted in mid-run', async () => {
  const store = openStore({ cache: true });
  const videos = await all(store);
  await store.keep(videos, { size }, () => undefined);
  const clips = [clip(videos[0]!, [3, 9, 27]), clip(videos[1]!, [0, 1, 11])];
  const before = await written(store, clips);
  await clearFrameCache();
  expectNear(await written(store, clips), before, 1.5 / 255 / 0.2);
  expect((await frameCacheSize()).videos).toBe(0);
  expect(await store.keep(videos, { size }, () => undefined)).toMatchObject({ kept: 2, foundBytes: 0 });
});

it('lets frames of other videos give way when room is short', async () => {
  const [long, short] = files as [DataFile, DataFile];
  const former = openStore({ cache: true });
  await former.keep([await former.open(long, () => null)], { size }, () => undefined);
  const next = openStore({ cache: true });
  const bytes = 12 * pixels * 4;
  vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 0, quota: bytes });
  const report = await next.keep([await next.open(short, () => null)], { size }, () => undefined);
  vi.restoreAllMocks();
  expect(report).toMatchObject({ kept: 1, writtenBytes: bytes, removedBytes: 30 * pixels * 4 });
  expect(await frameCacheSize()).toMatchObject({ videos: 1, bytes });
});

it('keeps none where there is no room for all', async () => {
  const store = openStore({ memoryBytes: 30 * pixels * 4 });
  const videos = await all(store);
  expect(await store.keep(videos, { size }, () => expect.unreachable())).toMatchObject({ videos: 2, kept: 0 });
  expectNear(levels(await written(store, [clip(videos[0]!, [4])])), wantedLevels([4]), 6);
});

it('ends the keeping when the person stops', async () => {
  const store = openStore({ memoryBytes: 1e6 });
  const videos = await all(store);
  const stop = (done: number) => {
    if (done === 5) throw new UserError('stopped-before-training', 'stopped');
  };
  await expect(store.keep(videos, { size }, stop)).rejects.toThrow('stopped');
  expect(await store.keep(videos, { size }, () => undefined)).toMatchObject({ kept: 2 });
});

it('gives clips of frames that are being kept what clips of kept frames are, to the bit', async () => {
  const store = openStore({ memoryBytes: 1e6 });
  const videos = await all(store);
  const clips = [clip(videos[1]!, [3, 9, 11]), clip(videos[0]!, [0, 1, 29])];
  let decodedFrames = 0;
  const keeping = store.keep(videos, { size }, () => decodedFrames++);
  const early = await written(store, clips);
  expect(await keeping).toMatchObject({ kept: 2 });
  expect(early).toEqual(await written(store, clips));
  expect(decodedFrames).toBe(42);
});

it('ends the keeping early, tells what was kept so far, and decodes the rest when it is asked for', async () => {
  const store = openStore({ memoryBytes: 1e6 });
  const videos = await all(store);
  const end = new AbortController();
  const keeping = store.keep(videos, { size }, () => end.abort(), end.signal);
  const waiting = written(store, [clip(videos[0]!, [4])]);
  expect(await keeping).toMatchObject({ videos: 2, kept: 0, memoryBytes: 0 });
  expectNear(levels(await waiting), wantedLevels([4]), 6);
  expect(await store.keep(videos, { size }, () => undefined)).toMatchObject({ kept: 2 });
});

it('ends the keeping when it is closed', async () => {
  const store = openStore({ memoryBytes: 1e6 });
  const videos = await all(store);
  let heard = 0;
  const close = (done: number) => {
    heard = done;
    if (done === 5) store.dispose();
  };
  await expect(store.keep(videos, { size }, close)).rejects.toMatchObject({ name: 'AbortError' });
  // One frame may have been on its way in each of the two workers' videos.
  expect(heard).toBeLessThanOrEqual(6);
});
