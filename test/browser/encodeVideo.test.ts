// A video that the page writes itself comes back from our own decoder: same times, same colours, fine texture alive.
import { expect, it, vi } from 'vitest';
import { Bug, UserError } from '../../src/errors';
import { decodeFrames } from '../../src/video/decodeFrames';
import { encodeVideo, type Pixels } from '../../src/video/encodeVideo';
import { VideoFile } from '../../src/video/videoFile';
import { levelIn, waves } from './clip';

const size = { width: 112, height: 80 };
const rate = 25;

const picture = (frame: number) => waves(size, frame);

function* pictures(count: number): Generator<Pixels> {
  for (let i = 0; i < count; i++) yield picture(i);
}

/** Mean distance of channels, 0..255. */
function distance(got: Pixels, wanted: Pixels): number {
  let sum = 0;
  for (let i = 0; i < wanted.length; i++) if (i % 4 < 3) sum += Math.abs(got[i]! - wanted[i]!);
  return sum / (0.75 * wanted.length);
}

it('comes back with its times and colours', async () => {
  const told: number[] = [];
  const blob = await encodeVideo({
    ...size,
    framesPerSecond: rate,
    frames: pictures(30),
    progress: (n) => told.push(n),
  });
  expect(told).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(blob.type).toMatch(/^video\//);
  using video = await VideoFile.open(blob, 'made.mp4');
  expect(video.facts).toMatchObject({ ...size, notices: [] });
  let count = 0;
  for await (const { index, seconds, frame } of decodeFrames(video)) {
    expect(seconds).toBeCloseTo(index / rate, 4);
    const pixels = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
    await frame.copyTo(pixels, { format: 'RGBA' });
    frame.close();
    // Another frame of the same video lies far away.
    expect(distance(pixels, picture(index))).toBeLessThan(4);
    expect(distance(pixels, picture(index + 4))).toBeGreaterThan(10);
    count++;
  }
  expect(count).toBe(30);
});

it.each([
  [16, 16, 1],
  [64, 48, 10],
  [640, 360, 30],
])('writes %i x %i at %i frames a second so that it can be read', async (width, height, framesPerSecond) => {
  const frames = Array.from({ length: 2 }, (_, i) => new Uint8Array(4 * width * height).fill(90 * (i + 1)));
  using video = await VideoFile.open(await encodeVideo({ width, height, framesPerSecond, frames }), 'made.mp4');
  const levels: number[] = [];
  for await (const { frame } of decodeFrames(video)) {
    levels.push(await levelIn(frame));
    frame.close();
  }
  [90, 180].forEach((level, i) => expect(Math.abs(levels[i]! - level)).toBeLessThan(6));
});

it('takes frames that come later, and ends with the person’s word', async () => {
  async function* later() {
    for (const pixels of pictures(10)) {
      await new Promise((resolve) => setTimeout(resolve));
      yield pixels;
    }
  }
  const stop = (frames: number) => {
    if (frames === 4) throw new UserError('stopped-before-training', 'stopped');
  };
  await expect(encodeVideo({ ...size, framesPerSecond: rate, frames: later(), progress: stop })).rejects.toThrow(
    'stopped',
  );
  expect((await encodeVideo({ ...size, framesPerSecond: rate, frames: later() })).size).toBeGreaterThan(1000);
});

it('says so where the browser has no encoder, and where we are wrong', async () => {
  const spy = vi.spyOn(VideoEncoder, 'isConfigSupported').mockResolvedValue({ supported: false });
  const none = encodeVideo({ width: 98, height: 54, framesPerSecond: 7, frames: pictures(2) });
  await expect(none).rejects.toMatchObject({ code: 'video-not-encodable', detail: { width: 98, height: 54 } });
  spy.mockRestore();
  await expect(encodeVideo({ width: 97, height: 54, framesPerSecond: 7, frames: [] })).rejects.toThrow(Bug);
});
