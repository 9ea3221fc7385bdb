// Clips of videos as a model's input, in a real browser: from decoders, from memory, from files; the same values each time.
import { expect, it } from 'vitest';
import type { UserError } from '../../src/errors';
import type { DataFile } from '../../src/formats/dataFile';
import type { OpenVideo } from '../../src/frames/videoStore';
import { connectDecodeWorker } from '../../src/video/decodeRemote';
import { encodeVideo } from '../../src/video/encodeVideo';
import { frameCacheSize } from '../../src/video/frameCache';
import { levelOf, waves } from './clip';
import { numberedPictures } from './pictures';
import { size, pixels, files, openStore, all, clip, written, levels, wantedLevels, expectNear } from './openedStore';

it('puts each frame of each clip in its place, repeated ones twice', async () => {
  const store = openStore();
  const [long, short] = (await all(store)) as [OpenVideo, OpenVideo];
  expect([...long.times]).toHaveLength(30);
  const chosen = [
    [0, 7, 7, 29],
    [2, 2, 2, 3],
    [11, 11, 11, 11],
  ];
  const values = await written(store, [clip(long, chosen[0]!), clip(short, chosen[1]!), clip(short, chosen[2]!)]);
  expectNear(levels(values), wantedLevels(chosen.flat()), 6);
});

/** A video with colours and fine textures. */
async function colourful(): Promise<DataFile> {
  const frames = Array.from({ length: 8 }, (_, i) => waves({ width: 80, height: 56 }, i));
  const blob = await encodeVideo({ width: 80, height: 56, framesPerSecond: 8, frames });
  return { path: 'waves.mp4', blob: new File([blob], 'waves.mp4', { lastModified: 7 }) };
}

it.each([
  ['memory', { memoryBytes: 1e6 }, 0],
  ['files', { cache: true }, 3],
  ['memory and files', { cache: true, memoryBytes: 1e6 }, 3],
])('gives the same from %s as from decoders', async (_, options, inFiles) => {
  const file = await colourful();
  const crop = () => ({ x: 6, y: 4, width: 60.5, height: 40 });
  const jitter = [{ op: 'brightness', factor: 0.9 } as const, { op: 'contrast', factor: 1.1 } as const];
  const open = async (settings: Parameters<typeof openStore>[0]) => {
    const store = openStore(settings);
    const videos = [...(await all(store)), await store.open(file, crop)];
    const [grey, , coloured] = videos as [OpenVideo, OpenVideo, OpenVideo];
    const clips = [
      clip(grey, [1, 2, 20], { flip: true }),
      clip(coloured, [0, 5, 5], { flip: true }),
      clip(coloured, [1, 3, 7]),
      clip(coloured, [4, 4, 6], { jitter }),
    ];
    return { store, videos, clips };
  };
  const [plain, kept] = [await open({}), await open(options)];
  const told: [number, number][] = [];
  const videos = [...kept.videos, kept.videos[0]!];
  const bytes = 50 * pixels * 4;
  const filed = inFiles > 0;
  const report = { videos: 3, kept: 3, foundBytes: 0, writtenBytes: 0, memoryBytes: 0, removedBytes: 0 };
  const files = Array.from({ length: inFiles }, () => expect.any(String) as string);
  Object.assign(report, { files });
  expect(await kept.store.keep(videos, { size }, (done, total) => told.push([done, total]))).toEqual({
    ...report,
    [filed ? 'writtenBytes' : 'memoryBytes']: bytes,
  });
  expect(told.at(-1)).toEqual([50, 50]);
  expect((await frameCacheSize()).videos).toBe(inFiles);
  const values = await written(kept.store, kept.clips);
  // In units of 0..1 over the smallest deviation.
  expectNear(values, await written(plain.store, plain.clips), 1.5 / 255 / 0.2);
  // What is kept is not decoded again, neither here nor in the next store.
  const again = { ...report, [filed ? 'foundBytes' : 'memoryBytes']: bytes };
  expect(await kept.store.keep(videos, { size }, () => expect.unreachable())).toEqual(again);
  if (!filed) return;
  const next = await open(options);
  expect(await next.store.keep(next.videos, { size }, () => expect.unreachable())).toEqual(again);
  expect(await written(next.store, next.clips)).toEqual(values);
});

it('turns a clip upside down, flips it top to bottom, and takes quarter turns of squares only', async () => {
  const store = openStore();
  const video = await store.open(await colourful(), () => null);
  const [plain, turned, flipped] = await Promise.all(
    ([{}, { turn: 180 }, { turn: 180, flip: true }] as const).map((way) => written(store, [clip(video, [2], way)])),
  );
  const from = (place: (x: number, y: number) => [x: number, y: number]) =>
    plain!.map((_, i) => {
      const [x, y] = place(i % size.width, Math.floor((i % pixels) / size.width));
      return plain![i - (i % pixels) + y * size.width + x]!;
    });
  expectNear(
    turned!,
    from((x, y) => [size.width - 1 - x, size.height - 1 - y]),
    1e-4,
  );
  expectNear(
    flipped!,
    from((x, y) => [x, size.height - 1 - y]),
    1e-4,
  );
  await expect(written(store, [clip(video, [2], { turn: 90 })])).rejects.toThrow('only square frames');
});

it('mixes videos and pictures in a batch, and keeps the frames of both', async () => {
  const pictures = await numberedPictures('real/a', 12, { width: 80, height: 60 });
  const list = { path: 'real/a', pictures: pictures.with(5, { path: 'real/a/5.png', blob: new Blob(['text']) }) };
  const open = async (settings: Parameters<typeof openStore>[0], chosen = list) => {
    const store = openStore(settings);
    const heard: unknown[] = [];
    const told = (problem: UserError) => heard.push(problem.detail['path']);
    const ofPictures = await store.openPictures({ ...chosen, framesPerSecond: 10 }, () => null, told);
    const ofVideo = await store.open(files[0]!, () => null);
    const clips = [clip(ofPictures, [0, 4, 5, 11]), clip(ofVideo, [1, 7, 7, 29]), clip(ofPictures, [5, 5, 6, 6])];
    return { store, heard, clips, videos: [ofPictures, ofVideo] };
  };
  const shown = [0, 4, 4, 11, 1, 7, 7, 29, 4, 4, 6, 6];
  const plain = await open({});
  const values = await written(plain.store, plain.clips);
  expectNear(levels(values), wantedLevels(shown), 6);
  expect(plain.heard).toEqual(['real/a/5.png']);
  expect([...plain.videos[0]!.times]).toEqual(Array.from({ length: 12 }, (_, i) => i / 10));

  const kept = await open({ cache: true }, { ...list, pictures });
  expect(await kept.store.keep(kept.videos, { size }, () => undefined)).toMatchObject({ kept: 2, foundBytes: 0 });
  const next = await open({ cache: true }, { ...list, pictures });
  expect(await next.store.keep(next.videos, { size }, () => expect.unreachable())).toMatchObject({ kept: 2 });
  const asked = next.clips.flatMap(({ frames }) => frames);
  expectNear(levels(await written(next.store, next.clips)), wantedLevels(asked), 6);
  expect(next.heard).toEqual([]);
  // A picture that was replaced makes it another video.
  const { blob } = pictures[3]!;
  const changed = pictures.with(3, {
    path: pictures[3]!.path,
    blob: new File([blob], '000003.png', { lastModified: 99 }),
  });
  const other = await open({ cache: true }, { ...list, pictures: changed });
  const report = await other.store.keep(other.videos, { size }, () => undefined);
  expect(report).toMatchObject({ foundBytes: 30 * pixels * 4, writtenBytes: 12 * pixels * 4 });
});

/** Without the outermost pixels of each picture. */
function withoutEdges(values: Float32Array): Float32Array {
  const { width, height } = size;
  return values.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return x > 0 && y > 0 && x < width - 1 && y < height - 1;
  });
}

it.each([1, 2])('sees the same through windows of kept frames as of decoded ones, in detail %i', async (detail) => {
  const file = await colourful();
  // A pixel of the look is two of the picture, so that kept frames lose little.
  const crop = () => ({ x: 24, y: 16, width: 32, height: 24 });
  const margin = 4;
  const windows = [
    { x: 0, y: 0, ...size },
    { x: -4, y: -3, ...size },
    { x: 3.5, y: 2.25, width: 12, height: 9 },
    { x: -4, y: -4, width: 24, height: 18 },
  ];
  const [plain, kept] = await Promise.all(
    [0, 1e6].map(async (memoryBytes) => {
      const store = openStore({ memoryBytes });
      const video = await store.open(file, crop);
      return { store, video, clips: windows.map((window, i) => clip(video, [i, i + 2], { window, flip: i === 1 })) };
    }),
  );
  const report = await kept!.store.keep([kept!.video], { size, margin, detail }, () => undefined);
  expect(report).toMatchObject({ kept: 1, memoryBytes: 8 * 24 * 20 * detail ** 2 * 4 });
  const [wanted, got] = [
    await written(plain!.store, plain!.clips, margin),
    await written(kept!.store, kept!.clips, margin),
  ];
  // Kept frames know what lies beyond a window's edge, decoded ones are cut there first.
  const [all, inner] = [[got, wanted], [got, wanted].map(withoutEdges)] as const;
  const parts = (values: readonly Float32Array[], from: number, to: number): [Float32Array, Float32Array] =>
    values.map((one) => one.subarray((from * one.length) / windows.length, (to * one.length) / windows.length)) as [
      Float32Array,
      Float32Array,
    ];
  expectNear(...parts(inner, 0, 2), (detail === 1 ? 1.5 : 3) / 255 / 0.2);
  // Windows of other sizes are resized twice.
  expectNear(...parts(all, 2, 4), 24 / 255 / 0.2);
  const still = await kept!.video.still(0, size);
  const red = Float32Array.from({ length: pixels }, (_, i) => (still.pixels[4 * i]! / 255 - 0.4) / 0.2);
  expectNear(red, got.subarray(0, pixels), 1.5 / 255 / 0.2);
});

it('crops before it resizes, and shows a frame as the run sees it', async () => {
  const store = openStore();
  const video = await store.open(files[0]!, ({ width, height }) => ({
    x: 8,
    y: 4,
    width: width / 2,
    height: height / 2,
  }));
  expect(video.crop).toEqual({ x: 8, y: 4, width: 32, height: 24 });
  const still = await video.still(9, { width: 8, height: 6 });
  expect(still).toMatchObject({ width: 8, height: 6 });
  expectNear(still.pixels, Array.from({ length: 48 }, () => [...Array<number>(3).fill(levelOf(9)), 255]).flat(), 6);
});

it('says which file cannot be opened', async () => {
  const store = openStore();
  const letter = { path: 'set/letter.mp4', blob: new Blob(['not a video at all '.repeat(50)]) };
  await expect(store.open(letter, () => null)).rejects.toMatchObject({
    code: 'video-format',
    detail: { path: letter.path },
  });
});

it('stands in for frames that a damaged file lost, and says so once', async () => {
  const bytes = new Uint8Array(await files[0]!.blob.arrayBuffer());
  const from = Math.floor(bytes.length * 0.45);
  bytes.fill(0xff, from, from + 40);
  const store = openStore();
  const problems: UserError[] = [];
  const video = await store.open(
    { path: 'scratched.mp4', blob: new Blob([bytes]) },
    () => null,
    (one) => problems.push(one),
  );
  const every = Array.from(video.times, (_, i) => i);
  for (let i = 0; i < 2; i++) expect(levels(await written(store, [clip(video, every)]))).toHaveLength(90);
  expect(problems.length).toBeLessThanOrEqual(1);
});

it('ends what is under way when it is closed', async () => {
  const store = openStore();
  const [long] = (await all(store)) as [OpenVideo, OpenVideo];
  const writing = written(store, [
    clip(
      long,
      Array.from({ length: 30 }, (_, i) => i),
    ),
  ]);
  store.dispose();
  await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
  await expect(long.still(0, size)).rejects.toMatchObject({ name: 'AbortError' });
  await expect(store.open(files[0]!, () => null)).rejects.toMatchObject({ name: 'AbortError' });
});

it('hears of a decode worker that cannot be loaded', async () => {
  const missing = new URL('./there-is-no-such-worker.js', import.meta.url);
  const store = openStore({ start: () => connectDecodeWorker(new Worker(missing, { type: 'module' })) });
  await expect(store.open(files[0]!, () => null)).rejects.toMatchObject({ name: 'Bug' });
});
