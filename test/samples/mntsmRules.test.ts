// Every n-th frame, windows and key frames against MNTSM's recorded tables; clips placed by time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clipFrames, clipStarts, randomClipStart } from '../../src/samples/clips';
import { everyNth, fourPerSecond, keyFrames, windowsOf } from '../../src/samples/everyNth';
import { goldenFolder } from '../helpers/golden';
import { hashValues } from '../helpers/hashValues';

interface Tables {
  frames: {
    fps: number;
    frames: number;
    interval: number;
    extracted: number;
    first: number[];
    last: number;
    windows: number | null;
    window_frames: number[][] | null;
  }[];
  keyframes: { n: number; dim: number; selected: number[] }[];
}

const folder = goldenFolder('mntsm');
const tables = folder ? (JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')) as Tables) : null;

describe.skipIf(!tables)('recorded by upstream', () => {
  it('keeps about four frames a second and cuts windows of eight', () => {
    for (const wanted of tables!.frames) {
      const interval = fourPerSecond(wanted.fps);
      const kept = everyNth(wanted.frames, interval);
      expect([interval, kept.length, kept.at(-1)]).toEqual([wanted.interval, wanted.extracted, wanted.last]);
      expect(kept.slice(0, wanted.first.length)).toEqual(wanted.first);
      if (wanted.windows === null) continue;
      const windows = windowsOf(kept, 8, 4);
      expect(windows).toHaveLength(wanted.windows);
      expect([windows[0], windows.at(-1)]).toEqual(wanted.window_frames);
    }
  });

  it('finds the key frames', () => {
    for (const { n, dim, selected } of tables!.keyframes) {
      const features = hashValues(`op:kf${n}`, n * dim).map((value) => (value + 1) / 2);
      expect(keyFrames(features, dim)).toEqual(selected);
    }
  });
});

describe('clips by time', () => {
  const clip = { frames: 8, spanSeconds: 2 };

  it('takes the frame on screen, also at a variable rate', () => {
    const times = [0, 0.1, 0.26, 0.5, 0.51, 0.52, 1, 1.5, 1.75, 2];
    expect(clipFrames(times, 0, clip)).toEqual([0, 1, 3, 5, 6, 6, 7, 8]);
  });

  it('counts from the first frame of a video that starts late', () => {
    const times = Array.from({ length: 60 }, (_, i) => 1.5 + i / 25);
    expect(clipFrames(times, 0, clip)).toEqual([0, 6, 12, 18, 25, 31, 37, 43]);
  });

  it('repeats the last frame beyond the end', () => {
    expect(clipFrames([0, 0.25, 0.5], 0, clip)).toEqual([0, 1, 2, 2, 2, 2, 2, 2]);
    expect(clipFrames([7], 3, clip)).toEqual(Array(8).fill(0));
  });

  it('starts fixed clips one stride apart as long as they fit, and one in a short video', () => {
    expect(clipStarts(5, 2, 1)).toEqual([0, 1, 2, 3]);
    expect(clipStarts(4.99, 2, 1)).toEqual([0, 1, 2]);
    expect(clipStarts(0.3, 2, 1)).toEqual([0]);
  });

  it('draws a start at which the whole clip fits', () => {
    expect(randomClipStart(10, 2, 0.999)).toBeCloseTo(7.992);
    expect(randomClipStart(1, 2, 0.7)).toBe(0);
  });
});
