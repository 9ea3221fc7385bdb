// Sliding windows and random truncation against what OpenTAD itself answered.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomTruncation } from '../../src/samples/randomTruncation';
import { segmentsInFrames, type LabelledSegment, type Segment } from '../../src/samples/segments';
import { labelledWindows, slidingWindows, windowFrames } from '../../src/samples/slidingWindows';
import { goldenFolder } from '../helpers/golden';

interface Rules {
  windows_by_frame_count: Record<string, Record<string, [number, number, number][]>>;
  val_with_gt: {
    frames: number;
    duration: number;
    annotations: { segment: Segment; label: string }[];
    windows: { start: number; end: number; labels: number[]; gt_feature_grid: Segment[] }[];
  };
  random_trunc: {
    total_frames: number;
    gt_feature_grid: Segment[];
    labels: number[];
    randint_calls_lo_hi_value: [number, number, number][];
    first_frame: number;
    last_frame: number;
    valid: number;
    gt_out: Segment[];
    labels_out: number[];
  }[];
}

const folder = goldenFolder('adatad');
const rules = folder ? (JSON.parse(readFileSync(join(folder, 'data_rules.json'), 'utf8')) as Rules) : null;
const shape = { stride: 4, snippets: 768, overlap: 0.5 };

describe.skipIf(!rules)('recorded by OpenTAD', () => {
  it('places every window', () => {
    for (const [frames, byOverlap] of Object.entries(rules!.windows_by_frame_count)) {
      for (const [name, wanted] of Object.entries(byOverlap)) {
        const overlap = Number(/overlap_([\d.]+)/.exec(name)![1]);
        const windows = slidingWindows(Number(frames), { ...shape, overlap });
        expect(windows, `${frames} ${name}`).toEqual(
          wanted.map(([first, last, snippets]) => ({ first, last, snippets })),
        );
      }
    }
  });

  it('keeps the validation windows with their segments', () => {
    const { frames, duration, annotations, windows } = rules!.val_with_gt;
    const classes: Record<string, number> = { HighJump: 11, LongJump: 13 };
    const segments = segmentsInFrames(
      annotations.map(({ segment, label }) => ({ segment, label: classes[label]! })),
      frames,
      duration,
    );
    expect(segments).toHaveLength(annotations.length - 1);
    const got = labelledWindows(slidingWindows(frames, { ...shape, overlap: 0.25 }), segments, shape.stride);
    expect(got).toEqual(
      windows.map(({ start, end, labels, gt_feature_grid }) => ({
        first: start,
        last: end,
        snippets: shape.snippets,
        segments: labels.map((label, i) => ({ segment: gt_feature_grid[i], label })),
      })),
    );
  });

  it('truncates by the same random numbers', () => {
    for (const wanted of rules!.random_trunc) {
      const calls = wanted.randint_calls_lo_hi_value.values();
      const { frames, segments } = randomTruncation(wanted.total_frames, labelled(wanted), (low, high) => {
        const [wantedLow, wantedHigh, value] = calls.next().value!;
        expect([low, high]).toEqual([wantedLow, wantedHigh]);
        return value;
      });
      expect(calls.next().done).toBe(true);
      expect([frames[0], frames.at(-1), frames.length]).toEqual([wanted.first_frame, wanted.last_frame, wanted.valid]);
      expect(segments).toEqual(wanted.labels_out.map((label, i) => ({ segment: wanted.gt_out[i], label })));
    }
  });
});

function labelled({ gt_feature_grid, labels }: Rules['random_trunc'][number]): LabelledSegment[] {
  return labels.map((label, i) => ({ segment: gt_feature_grid[i]!, label }));
}

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
