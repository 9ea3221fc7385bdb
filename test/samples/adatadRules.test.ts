// Sliding windows and random truncation where no answer of OpenTAD is recorded (those: test/goldens/adatad).
import { describe, expect, it } from 'vitest';
import { randomTruncation } from '../../src/samples/randomTruncation';
import { slidingWindows, windowFrames } from '../../src/samples/slidingWindows';

const shape = { stride: 4, snippets: 768, overlap: 0.5 };

describe('random truncation', () => {
  it('gives up after 200 draws without a segment', () => {
    let draws = 0;
    const result = randomTruncation(8000, [{ segment: [1900, 1990], label: 1 }], () => {
      draws++;
      return 0;
    });
    expect(draws).toBe(200);
    expect(result.segments).toEqual([]);
    expect(result.frames).toHaveLength(768);
  });

  it('leaves a short video whole when the draw says so', () => {
    const segments = [{ segment: [0, 3] as const, label: 1 }];
    const result = randomTruncation(40, segments, (_, high) => high);
    expect(result).toEqual({ frames: [0, 4, 8, 12, 16, 20, 24, 28, 32, 36], segments });
  });
});

it('covers the end of a video of any length with half overlap', () => {
  for (let frames = 1; frames < 9000; frames += 97) {
    const last = slidingWindows(frames, shape).at(-1)!;
    expect(last.last).toBe((Math.ceil(frames / 4) - 1) * 4);
    expect(windowFrames(last, 4).at(-1)).toBe(last.last);
  }
});
