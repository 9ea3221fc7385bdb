// Raw videos: each found face becomes something to judge, the main one something to train on, and no face is no score.
import { expect, test } from 'vitest';
import { mntsmDataSettings } from '../../../src/models/mntsm/dataSettings';
import type { FaceFindings } from '../../../src/models/mntsm/faceFindings';
import { findings } from '../../../src/models/mntsm/findings';
import { openFaces } from '../../../src/models/mntsm/faceVideos';
import { splitSettings } from '../../../src/models/mntsm/splitVideos';
import { judgeFaces } from '../../../src/models/mntsm/judgeFaces';
import type { Rect } from '../../../src/engine/frames/placement';
import type { OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import type { Finders, FaceTrack } from '../../../src/training/judging/finders';
import type { JudgedResult } from '../../../src/training/judging/judgedResult';
import { notingStore, sampleFace } from './faces';

const boxesOf = (frames: readonly number[], x: number, side: number) =>
  Float32Array.from(frames.flatMap(() => [x, 4, side, side]));
const track = (name: string, from: number, until: number, x: number, side: number): FaceTrack => {
  const frames = Array.from({ length: (until - from) / 2 }, (_, i) => from + 2 * i);
  return { name, frames, boxes: boxesOf(frames, x, side) };
};

/** A store of a 6 s video of 32 x 32 pixels; `crops` are those that were asked for. */
function storeOf(crops: (readonly Rect[])[] = []) {
  const { video } = sampleFace('raw.mp4', 6);
  const store: Partial<VideoStore> = {
    ...notingStore,
    open: () => Promise.resolve(video),
    cropped: (source, some) => {
      crops.push(some);
      return { ...source, crop: some };
    },
  };
  return store as VideoStore;
}

const findersOf = (tracks: readonly FaceTrack[]): Finders => ({
  faces: () => Promise.resolve(tracks),
  keyPoints: () => Promise.resolve([]),
});

const settings = { faceCrop: 'found', faceMargin: 1.5, segments: 4, clipSeconds: 1, strideSeconds: 1, imageSize: 8 };

async function judged(tracks: readonly FaceTrack[], crops: (readonly Rect[])[] = []) {
  const order = { settings, facts: {}, videos: storeOf(crops), finders: findersOf(tracks), tell: () => undefined };
  const item = { name: 'raw.mp4', files: [{ path: 'raw.mp4', blob: new Blob() }] };
  const { signal } = new AbortController();
  return await judgeFaces.open(item, { ...order, signal, found: () => undefined });
}

test('each face has clips of its own, in the stretch that shows it, through crops that follow it', async () => {
  const crops: (readonly Rect[])[] = [];
  const opened = await judged([track('face 1', 0, 60, 2, 8), track('face 2', 20, 40, 20, 6)], crops);
  expect(crops.map(([first]) => Math.round(first!.width))).toEqual([12, 9]);
  const windows = [...(opened.windows() as Iterable<{ readonly clip: { readonly frames: readonly number[] } }>)];
  const second = windows.filter(({ clip }) => (clip as unknown as { video: OpenVideo }).video.crop === crops[1]);
  expect(second.length).toBeGreaterThan(0);
  expect(windows.length).toBeGreaterThan(second.length);
  for (const { clip } of second) {
    expect(Math.min(...clip.frames)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...clip.frames)).toBeLessThanOrEqual(38);
  }
});

test('no face found is said, and is no score', async () => {
  const opened = await judged([]);
  expect([...(opened.windows() as Iterable<unknown>)]).toEqual([]);
  const found = (await opened.findings()) as FaceFindings;
  expect(found.faces).toEqual([]);
  const result = { findings: found, head: opened.head, untilSeconds: 6, name: 'raw.mp4' } as JudgedResult<FaceFindings>;
  const { verdict, numbers } = findings.read(result, { threshold: 0.5 }, 'en');
  expect(verdict).toMatch(/no face/i);
  expect(JSON.stringify(numbers)).not.toMatch(/0\.00/);
});

test('training takes the main face of each video and leaves out videos without one', async () => {
  const data = (name: string) => ({ path: name, blob: new Blob(['x']) });
  const files = ['real/a.mp4', 'fake/b.mp4', 'fake/c.mp4'].map(data);
  const store = storeOf();
  let calls = 0;
  const finders: Finders = {
    ...findersOf([]),
    faces: () => Promise.resolve(calls++ === 2 ? [] : [track('face 1', 0, 60, 2, 4), track('face 2', 10, 50, 10, 12)]),
  };
  const wanted = mntsmDataSettings(settings);
  const options = {
    ...{ cropShare: wanted.cropShare, faceMargin: wanted.faceMargin, picturesPerSecond: 25, clipSeconds: 1 },
    split: splitSettings({ split: 'video', validationShare: 0.1, testShare: 0.1 }),
  };
  const { videos, report } = await openFaces(files, options, { videos: store, finders }, () => undefined);
  expect(videos).toHaveLength(2);
  for (const { stretches, video } of videos) {
    expect(stretches).toMatchObject([{ firstFrame: 10, durationSeconds: expect.closeTo(3.9) as number }]);
    expect((video.crop as readonly Rect[])[0]!.width).toBeCloseTo(18);
  }
  expect(report.problems.map(({ code }) => code)).toContain('mntsm-no-face');
});
