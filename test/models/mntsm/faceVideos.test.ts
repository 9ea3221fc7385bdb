// Labels of face videos on their way to a run: names in GBK, and pictures instead of videos.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import { openFaces } from '../../../src/models/mntsm/faceVideos';
import type { DataFile } from '../../../src/formats/dataFile';
import type { DataReport } from '../../../src/annotations/dataReport';
import type { OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import type { PictureList } from '../../../src/video/pictureVideo';
import { madeFolder } from '../../helpers/dataFolder';

const split = { rule: 'official', shares: { val: 0.1, test: 0.1 } } as const;
const options = { cropShare: null, faceMargin: null, split, picturesPerSecond: 25, clipSeconds: 2 };

/** Opens everything but pictures below a folder `broken`; `opened` are lists of pictures by path. */
function fakeStore() {
  const opened = new Map<string, PictureList>();
  const video = (path: string, times: Float64Array, durationSeconds: number) =>
    Promise.resolve({ facts: { path, durationSeconds, notices: [] }, times } as unknown as OpenVideo);
  const videos: Partial<VideoStore> = {
    open: ({ path }) => video(path, new Float64Array(50), 2),
    openPictures: (list, _crop, onProblem) => {
      if (list.path.includes('broken'))
        return Promise.reject(new UserError('image-damaged', 'damaged', { path: list.pictures[0]!.path }));
      if (list.path.includes('scratched'))
        onProblem?.(new UserError('image-damaged', 'damaged', { path: list.pictures[1]!.path }));
      opened.set(list.path, list);
      const { pictures, framesPerSecond } = list;
      const times = Float64Array.from(pictures, (_, i) => i / framesPerSecond);
      return video(list.path, times, pictures.length / framesPerSecond);
    },
  };
  return { opened, videos: videos as VideoStore };
}

const open = (files: readonly DataFile[], repairText: boolean) =>
  openFaces(files, { ...options, repairText }, fakeStore(), () => undefined);

/** 跳远 and 跑 in GBK. */
const labels = [
  ...Buffer.from('[{"file": "'),
  ...[0xcc, 0xf8, 0xd4, 0xb6],
  ...Buffer.from('.mp4", "label": 0}, {"file": "'),
  ...[0xc5, 0xdc],
  ...Buffer.from('.mp4", "label": 1}]'),
];
const chinese = [
  { path: 'labels.json', blob: new Blob([Uint8Array.from(labels)]) },
  ...madeFolder({ '跳远.mp4': null, '跑.mp4': null }),
];

describe('names of videos in GBK', () => {
  it('are the reason that is told when nothing else can be used', async () => {
    await expect(open(chinese, false)).rejects.toMatchObject({ code: 'text-gbk', detail: { repaired: false } });
  });

  it('are found once they are read as they were meant', async () => {
    const { videos, report } = await open(chinese, true);
    expect(videos.map(({ path, manipulated }) => [path, manipulated])).toEqual([
      ['跳远.mp4', false],
      ['跑.mp4', true],
    ]);
    expect(report.problems.map(({ code, detail }) => [code, detail['repaired'] ?? null])).toContainEqual([
      'text-gbk',
      true,
    ]);
  });
});

describe('videos that come as pictures', () => {
  const pictures = (folder: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${String(i).padStart(6, '0')}.png`, null]));
  const openPictures = async (folders: Readonly<Record<string, number>>, more = {}) => {
    const files = Object.entries(folders).flatMap(([name, n]) => madeFolder(pictures(name, n)));
    const store = fakeStore();
    const told: unknown[] = [];
    const tell = ({ detail }: UserError) => told.push(detail['path']);
    const faces = await openFaces(files, { ...options, ...more }, { videos: store.videos, tell }, () => undefined);
    return { ...faces, opened: store.opened, told };
  };
  /** What the report says, but for the split that was drawn. */
  const found = ({ problems }: DataReport) => problems.filter(({ code }) => code !== 'faces-own-split');

  it('are opened with their pictures in order, at the rate of the settings', async () => {
    const { videos, opened, report } = await openPictures({ 'real/a': 60, 'fake/b': 70 }, { picturesPerSecond: 30 });
    expect(videos.map(({ path, manipulated }) => [path, manipulated])).toEqual([
      ['fake/b', true],
      ['real/a', false],
    ]);
    expect(opened.get('real/a')).toMatchObject({ path: 'real/a', framesPerSecond: 30 });
    expect(
      opened
        .get('real/a')!
        .pictures.map(({ path }) => path)
        .slice(8, 11),
    ).toEqual(['real/a/000008.png', 'real/a/000009.png', 'real/a/000010.png']);
    expect(videos[1]!.stretches).toMatchObject([{ firstFrame: 0, durationSeconds: 2 }]);
    expect(found(report)).toEqual([]);
    expect(report.counts).toMatchObject({ clips: 2, pictures: 130 });
  });

  it('keep their clips apart', async () => {
    const { videos } = await openPictures({ 'real/a/0': 50, 'real/a/1': 100, 'fake/b/0': 50 });
    const [, real] = videos;
    expect(
      real!.stretches.map(({ firstFrame, times, durationSeconds }) => [firstFrame, times.length, durationSeconds]),
    ).toEqual([
      [0, 50, 2],
      [50, 100, 4],
    ]);
  });

  it('are left out by name where no picture can be read, and told of where some cannot', async () => {
    const { report, told } = await openPictures({ 'real/a': 50, 'fake/broken': 50, 'fake/scratched': 50 });
    expect(report).toMatchObject({ found: 3, usable: 2 });
    expect(found(report)).toMatchObject([{ path: 'fake/broken', code: 'image-damaged' }]);
    expect(told).toEqual(['fake/scratched/000001.png']);
  });

  it('say which rate fits where most clips are shorter than a clip of the run', async () => {
    const short = { 'real/a/0': 8, 'real/a/1': 8, 'fake/b/0': 8, 'fake/c': 90 };
    const { report } = await openPictures(short);
    expect(found(report)).toMatchObject([{ code: 'mntsm-short-pictures', detail: { pictures: 8, fitting: 4 } }]);
    expect(found((await openPictures(short, { picturesPerSecond: 4 })).report)).toEqual([]);
    expect(found((await openPictures(short, { clipSeconds: 0.32 })).report)).toEqual([]);
  });

  it('are taken where labels of another kind lie beside them', async () => {
    const actions = {
      database: { a: { subset: 'training', duration: 3, annotations: [{ segment: [0, 1], label: 'jump' }] } },
    };
    const files = madeFolder({
      ...pictures('real/a', 50),
      ...pictures('fake/b', 50),
      'a.mp4': null,
      'actions.json': JSON.stringify(actions),
    });
    const { videos } = await openFaces(files, options, fakeStore(), () => undefined);
    expect(videos.map(({ path }) => path)).toEqual(['fake/b', 'real/a']);
  });
});
