// Videos decoded in workers: the right frames at the right times, cancelling, several at once, broken files.
import { wrap } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { DecodePool, decodersFor, type DecodeWorker } from '../../src/video/decodePool';
import { decodeFrames } from '../../src/video/decodeFrames';
import type { DecodeApi } from '../../src/video/decodeService';
import { seekingPays } from '../../src/video/frameIndex';
import { VideoFile } from '../../src/video/videoFile';
import { installWorkerErrors } from '../../src/workerErrors';
import { levelIn, levelOf, makeClip } from './clip';
import { withEdits } from './editedClip';

installWorkerErrors();

let workers = 0;
function startWorker(): DecodeWorker {
  workers++;
  const worker = new Worker(new URL('../../workers/decode.ts', import.meta.url), { type: 'module' });
  return { api: wrap<DecodeApi>(worker), terminate: () => worker.terminate() };
}

const pool = new DecodePool(startWorker, 2);
afterAll(() => pool[Symbol.dispose]());

let clip: Blob;
beforeAll(async () => {
  clip = await makeClip({ frames: 60 });
});

const isNear = (level: number, index: number) => Math.abs(level - levelOf(index)) < 6;

describe('a video in a worker', () => {
  it('gives all frames in order at their exact times', async () => {
    const video = await pool.open(clip, 'clip.mp4');
    expect(video.facts).toMatchObject({ width: 64, height: 48, tracks: 1, container: 'MP4' });
    expect(video.facts.durationSeconds).toBeCloseTo(2.4, 6);
    let count = 0;
    for await (const { index, seconds, frame } of video.frames()) {
      expect(index).toBe(count++);
      expect(seconds).toBe(video.facts.times[index]);
      expect(seconds).toBeCloseTo(index / 25, 9);
      expect(isNear(await levelIn(frame), index)).toBe(true);
      frame.close();
    }
    expect(count).toBe(60);
    await video.close();
  });

  it.each([
    ['few, far apart', [3, 31, 58]],
    ['many in one run', Array.from({ length: 40 }, (_, i) => 10 + i)],
    ['the last one', [59]],
  ])('gives chosen frames: %s', async (_, wanted) => {
    const video = await pool.open(clip, 'clip.mp4');
    const got: number[] = [];
    for await (const { index, frame } of video.frames({ wanted })) {
      got.push(index);
      expect(isNear(await levelIn(frame), index)).toBe(true);
      frame.close();
    }
    expect(got).toEqual(wanted);
    await video.close();
  });

  it('stops within a frame when it is cancelled, and can be read again', async () => {
    const video = await pool.open(clip, 'clip.mp4');
    const abort = new AbortController();
    let seen = 0;
    const run = async () => {
      for await (const { frame } of video.frames({ signal: abort.signal })) {
        frame.close();
        if (++seen === 5) abort.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toBe(5);
    for await (const { index, frame } of video.frames({ wanted: [7] })) {
      expect(index).toBe(7);
      frame.close();
    }
    await video.close();
  });

  it('closes what a loop left early had fetched', async () => {
    const video = await pool.open(clip, 'clip.mp4');
    for await (const { frame } of video.frames()) {
      frame.close();
      break;
    }
    await video.close();
  });

  it('leaves open what the caller holds when the loop ends', async () => {
    const video = await pool.open(clip, 'clip.mp4');
    const held: VideoFrame[] = [];
    for await (const { frame } of video.frames({ wanted: [1, 2, 3, 4, 5, 6] })) held.push(frame);
    expect(held.map(({ format }) => format)).not.toContain(null);
    for (const frame of held) frame.close();
    await video.close();
  });

  it('leaves a sentence that names the file when it is no video', async () => {
    const text = new Blob(['not a video at all '.repeat(50)]);
    const error: unknown = await pool.open(text, 'letter.mp4').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'video-format', detail: { path: 'letter.mp4' } });
  });
});

it('decodes two files in two workers at the same time', async () => {
  const second = await makeClip({ frames: 30, codec: 'vp8' });
  const videos = [await pool.open(clip, 'a.mp4'), await pool.open(second, 'b.webm')];
  const counts = await Promise.all(
    videos.map(async (video) => {
      let count = 0;
      for await (const { frame } of video.frames()) {
        frame.close();
        count++;
      }
      return count;
    }),
  );
  expect(counts).toEqual([60, 30]);
  expect(workers).toBe(2);
  await Promise.all(videos.map((video) => video.close()));
});

describe('damage', () => {
  it('of the end keeps the frames before it, and is told', async () => {
    const whole = await makeClip({ frames: 50, codec: 'vp8' });
    using video = await VideoFile.open(whole.slice(0, Math.floor(whole.size * 0.6)), 'cut.webm');
    expect(video.facts.notices.map(({ code }) => code)).toContain('video-short');
    let count = 0;
    for await (const { frame } of decodeFrames(video)) {
      frame.close();
      count++;
    }
    expect(count).toBeGreaterThan(15);
    expect(count).toBe(video.facts.times.length);
  });

  it('in the middle loses a group of frames and keeps the rest', async () => {
    const bytes = new Uint8Array(await clip.arrayBuffer());
    using sound = await VideoFile.open(clip, 'sound.mp4');
    // Somewhere in the second of three seconds; the index stands at the end.
    const from = Math.floor(bytes.length * 0.45);
    bytes.fill(0xff, from, from + 40);
    using video = await VideoFile.open(new Blob([bytes]), 'scratched.mp4');
    const problems: UserError[] = [];
    const got: number[] = [];
    for await (const { index, frame } of decodeFrames(video, { onProblem: (problem) => problems.push(problem) })) {
      got.push(index);
      frame.close();
    }
    expect(got).toContain(0);
    expect(got).toContain(59);
    expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
    expect(problems.map(({ code }) => code)).toEqual(got.length < sound.facts.times.length ? ['video-partly'] : []);
  });

  it('in a VP9 stream with one key frame costs few frames, and all behind it are called doubtful', async () => {
    const whole = new Uint8Array(await (await makeClip({ frames: 60, codec: 'vp9', keyFrames: 10 })).arrayBuffer());
    let lost = 0;
    let doubtful = 0;
    for (const place of [0.5, 0.6, 0.7, 0.8]) {
      const bytes = whole.slice();
      for (let i = 0; i < 3; i++) bytes[Math.floor(bytes.length * place) + 20 * i]! ^= 0x11;
      using video = await VideoFile.open(new Blob([bytes]), 'scratched.mp4');
      const problems: UserError[] = [];
      let count = 0;
      for await (const { frame } of decodeFrames(video, { onProblem: (problem) => problems.push(problem) })) {
        frame.close();
        count++;
      }
      const missing = video.facts.times.length - count;
      lost += missing;
      for (const { code, detail } of problems)
        expect({ code, detail }).toMatchObject({ code: 'video-partly', detail: { lost: missing, frames: 60 } });
      if (missing > 0) expect(problems).toHaveLength(1);
      doubtful += Number(problems[0]?.detail['doubtful'] ?? 0);
    }
    expect(lost).toBeLessThan(24);
    expect(doubtful).toBeGreaterThan(0);
  });
});

describe('an edit list', () => {
  /** Number in the clip, by its grey level, and time of every frame. */
  async function shown(file: Blob, wanted?: readonly number[]): Promise<[number, number][]> {
    using video = await VideoFile.open(file, 'edited.mp4');
    expect(video.facts.notices).toEqual([]);
    const got: [number, number][] = [];
    for await (const { index, seconds, frame } of decodeFrames(video, wanted ? { wanted } : {})) {
      expect(seconds).toBe(video.facts.times[index]);
      got.push([Math.round((await levelIn(frame)) / 12 - 10 / 12), Math.round(seconds * 1e6) / 1e6]);
      frame.close();
    }
    if (!wanted) expect(got).toHaveLength(video.facts.times.length);
    return got;
  }
  const part = (first: number, count: number, at: number) =>
    Array.from({ length: count }, (_, i): [number, number] => [
      (first + i) % 20,
      Math.round((at + i / 25) * 1e6) / 1e6,
    ]);

  it('cuts the beginning and the end', async () => {
    const file = await withEdits(clip, [[1, 0.4]]);
    expect(await shown(file)).toEqual(part(10, 25, 0));
    using video = await VideoFile.open(file, 'cut.mp4');
    expect(video.facts.durationSeconds).toBeCloseTo(1, 6);
  });

  it('joins parts with time between them', async () => {
    const file = await withEdits(clip, [
      [0.4, 0.2],
      [0.2, null],
      [0.6, 1.6],
    ]);
    expect(await shown(file)).toEqual([...part(5, 10, 0), ...part(40, 15, 0.6)]);
  });

  it('shows parts again and in another order', async () => {
    const file = await withEdits(clip, [
      [0.2, 1.2],
      [0.2, 1.2],
      [0.4, 0],
    ]);
    expect(await shown(file)).toEqual([...part(30, 5, 0), ...part(30, 5, 0.2), ...part(0, 10, 0.4)]);
    expect((await shown(file, [1, 6, 12, 19])).map(([level]) => level)).toEqual([11, 11, 2, 9]);
    using video = await VideoFile.open(file, 'turned.mp4');
    expect(video.facts.durationSeconds).toBeCloseTo(0.8, 6);
  });

  it('of other speeds is refused with a way out', async () => {
    const file = await withEdits(clip, [
      [1, 0],
      [1, 1, 2],
    ]);
    await expect(VideoFile.open(file, 'slow.mp4')).rejects.toMatchObject({
      code: 'video-edits',
      detail: { path: 'slow.mp4' },
    });
  });
});

it('seeks only where that decodes less', async () => {
  using video = await VideoFile.open(await makeClip({ frames: 100, keyFrames: 1 }), 'clip.mp4');
  expect(seekingPays(video.index, [0, 50, 99])).toBe(true);
  expect(
    seekingPays(
      video.index,
      Array.from({ length: 25 }, (_, i) => 4 * i),
    ),
  ).toBe(false);
  expect(seekingPays(video.index, [99])).toBe(false);
});

it('leaves a core to training', () => {
  expect([1, 2, 4, 8, 32].map(decodersFor)).toEqual([1, 1, 2, 4, 4]);
});
