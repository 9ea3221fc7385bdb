// The player's video in Chromium: the overlay is of the very picture that it lies on, while it plays, steps and jumps.
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Cursor } from '../../src/ui/player/cursor.svelte';
import type { Overlay } from '../../src/ui/player/draw';
import { evenTimestamps } from '../../src/ui/player/frames';
import VideoStage from '../../src/ui/player/VideoStage.svelte';
import { levelOf, makeClip } from './clip';

const frames = 40;
const rate = 25;
let video: Blob;
let close: () => void = () => undefined;

beforeAll(async () => {
  video = await makeClip({ frames, rate, codec: 'vp8', keyFrames: 0.5 });
});

afterEach(() => close());

/** Right half of the picture: the grey level that the picture of the overlay's frame has. */
const sayFrame: Overlay = (context, { width, height, frame }) => {
  const level = levelOf(frame);
  context.fillStyle = `rgb(${level} ${level} ${level})`;
  context.fillRect(width / 2, 0, width / 2, height);
};

function show(cursor: Cursor, overlays: readonly Overlay[] = [sayFrame]) {
  const target = document.createElement('div');
  target.style.width = '320px';
  document.body.append(target);
  const stage = mount(VideoStage, {
    target,
    props: { video, cursor, overlays, theme: 'light', label: 'numbered frames' },
  });
  flushSync();
  close = () => {
    void unmount(stage);
    target.remove();
  };
  const canvas = target.querySelector('canvas')!;
  /** Levels of the picture and of the overlay beside it. */
  return () => {
    const context = canvas.getContext('2d')!;
    const level = (share: number) =>
      context.getImageData(Math.round(canvas.width * share), Math.round(canvas.height / 2), 1, 1).data[0]!;
    return { picture: level(0.25), overlay: level(0.75) };
  };
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const near = (level: number, frame: number) => Math.abs(level - levelOf(frame)) <= 4;

/** Waits until the picture of a frame is on show. */
async function shows(read: ReturnType<typeof show>, frame: number): Promise<void> {
  await expect.poll(() => read().overlay, { timeout: 5000, interval: 5 }).toBe(levelOf(frame));
  expect(near(read().picture, frame)).toBe(true);
}

test('each step shows its own frame, forward and back', async () => {
  const cursor = new Cursor(() => evenTimestamps(frames, rate));
  const read = show(cursor);
  await shows(read, 0);
  for (const frame of [1, 2, 3, 2, 7, 19, 18, 5]) {
    cursor.seek(frame);
    flushSync();
    await shows(read, frame);
    expect(cursor.frame).toBe(frame);
  }
});

test('of many jumps in a row the last one counts, and no overlay lies on another picture', async () => {
  const cursor = new Cursor(() => evenTimestamps(frames, rate));
  const read = show(cursor);
  await shows(read, 0);
  for (let i = 0; i < 30; i++) {
    cursor.seek((i * 7) % 20);
    flushSync();
    await nextFrame();
    const { picture, overlay } = read();
    expect(Math.abs(picture - overlay)).toBeLessThanOrEqual(4);
  }
  cursor.seek(13);
  flushSync();
  await shows(read, 13);
});

test.each([1, 2, 0.25])(
  'at speed %d the overlay is never off by a frame, and the cursor is where the picture is',
  async (speed) => {
    const cursor = new Cursor(() => evenTimestamps(frames, rate));
    const read = show(cursor);
    await shows(read, 0);
    cursor.speed = speed;
    cursor.togglePlay();
    flushSync();
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      await nextFrame();
      const { picture, overlay } = read();
      expect(Math.abs(picture - overlay)).toBeLessThanOrEqual(4);
      expect(overlay).toBe(levelOf(cursor.frame));
      seen.add(overlay);
    }
    expect(seen.size).toBeGreaterThan(4);
    cursor.togglePlay();
    flushSync();
    const stopped = cursor.frame;
    await shows(read, stopped);
    expect(cursor.frame).toBe(stopped);
  },
);

test('moments of some frames only are found by their own times', async () => {
  const some = [0, 3, 8, 17];
  const cursor = new Cursor(() => Float64Array.from(some, (frame) => frame / rate));
  const read = show(cursor, [(context, place) => sayFrame(context, { ...place, frame: some[place.frame]! })]);
  await shows(read, 0);
  for (const moment of [2, 1, 3]) {
    cursor.seek(moment);
    flushSync();
    await shows(read, some[moment]!);
  }
});
