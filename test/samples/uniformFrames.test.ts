// Frames spread over a whole video, by number and by time, and the search for the frame on screen.
import { describe, expect, it } from 'vitest';
import { frameAt, framesOnGrid, padFrames } from '../../src/samples/timeline';
import { uniformFrames, uniformIndices } from '../../src/samples/uniformFrames';

const steady = (count: number, rate: number) => Float64Array.from({ length: count }, (_, i) => i / rate);

describe('uniform frames', () => {
  it('are floor(linspace(0, n - 1, T))', () => {
    expect(uniformIndices(10, 4)).toEqual({ frames: [0, 3, 6, 9], valid: 4 });
    expect(uniformIndices(11, 4)).toEqual({ frames: [0, 3, 6, 10], valid: 4 });
    expect(uniformIndices(5000, 256).frames.at(-1)).toBe(4999);
    expect(uniformIndices(100, 1)).toEqual({ frames: [0], valid: 1 });
  });

  it('repeat the last frame of a short video, marked as repeats', () => {
    expect(uniformIndices(3, 5)).toEqual({ frames: [0, 1, 2, 2, 2], valid: 3 });
    expect(uniformFrames([0.5], 2)).toEqual({ frames: [0, 0], valid: 1 });
  });

  it('are the same by time where the rate is steady', () => {
    for (const [count, rate] of [
      [300, 25],
      [999, 29.97],
      [512, 120],
    ] as const)
      expect(uniformFrames(steady(count, rate), 64)).toEqual(uniformIndices(count, 64));
  });

  it('bear the rounding of a container to its ticks', () => {
    const times = steady(300, 30).map((seconds) => Math.round(seconds * 1000) / 1000);
    expect(uniformFrames(times, 64)).toEqual(uniformIndices(300, 64));
  });

  it('follow the time where the rate is not', () => {
    const times = [0, 1, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 3, 4];
    expect(uniformFrames(times, 5).frames).toEqual([0, 1, 2, 8, 9]);
  });
});

describe('the frame on screen', () => {
  it('is the last that began, within the rounding of the container', () => {
    const times = [0, 0.033, 0.067, 0.1];
    expect(frameAt(times, 0.0665)).toBe(2);
    expect(frameAt(times, 0.065)).toBe(1);
    expect(frameAt(times, -3)).toBe(0);
    expect(frameAt(times, 9)).toBe(3);
  });

  it('does not skip frames of 2,000 a second', () => {
    const times = steady(50, 2000);
    expect(times.map((seconds) => frameAt(times, seconds))).toEqual(times.map((_, i) => i));
  });

  it('answers frame numbers of a label file by its rate', () => {
    const times = steady(100, 30).map((seconds) => seconds + 1.5);
    expect(framesOnGrid(times, [0, 4, 96], 30)).toEqual([0, 4, 96]);
    expect(framesOnGrid(times, [0, 4, 40], 15)).toEqual([0, 8, 80]);
  });
});

it('pads by the last frame and cuts what is too much', () => {
  expect(padFrames([4, 8], 4)).toEqual({ frames: [4, 8, 8, 8], valid: 2 });
  expect(padFrames([4, 8, 12], 2)).toEqual({ frames: [4, 8], valid: 2 });
});
