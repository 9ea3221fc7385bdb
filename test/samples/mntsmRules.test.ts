// MNTSM's clips, placed by time.
import { describe, expect, it } from 'vitest';
import { clipFrames, clipStarts, randomClipStart } from '../../src/samples/clips';

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
