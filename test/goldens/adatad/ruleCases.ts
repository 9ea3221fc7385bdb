// Sliding windows, labels in frames, random truncation and rates against what OpenTAD itself answered.
import { parseActivityNet, segmentFrames } from '../../../src/annotations/activityNet';
import { linearWarmUpCosine } from '../../../src/optim/schedules';
import { randomTruncation } from '../../../src/samples/randomTruncation';
import { segmentsInFrames, type Segment } from '../../../src/samples/segments';
import { labelledWindows, slidingWindows } from '../../../src/samples/slidingWindows';
import { compare, equalLists, worstOf, type GoldenResult } from '../../helpers/golden';
import { failure, type Table } from '../group';

interface Rules {
  readonly windows_by_frame_count: Readonly<
    Record<string, Readonly<Record<string, readonly [number, number, number][]>>>
  >;
  readonly val_with_gt: {
    readonly frames: number;
    readonly duration: number;
    readonly annotations: readonly { readonly segment: Segment; readonly label: string }[];
    readonly windows: readonly {
      readonly start: number;
      readonly end: number;
      readonly labels: readonly number[];
      readonly gt_frames: readonly Segment[];
      readonly gt_feature_grid: readonly Segment[];
    }[];
  };
  readonly random_trunc: readonly {
    readonly total_frames: number;
    readonly gt_feature_grid: readonly Segment[];
    readonly labels: readonly number[];
    readonly randint_calls_lo_hi_value: readonly (readonly [number, number, number])[];
    readonly first_frame: number;
    readonly last_frame: number;
    readonly valid: number;
    readonly gt_out: readonly Segment[];
    readonly labels_out: readonly number[];
  }[];
  readonly lr_schedule: {
    readonly iters_per_epoch: number;
    readonly warmup_epoch: number;
    readonly max_epoch: number;
    readonly columns: readonly string[];
    readonly lr_used_at_iteration: readonly (readonly number[])[];
  };
}

/** THUMOS14's: every fourth frame of 3,072, a quarter of a window shared with the next in validation. */
const shape = { stride: 4, snippets: 768, overlap: 0.25 };

const parts: { readonly [Part in keyof Rules]: (rules: Rules[Part]) => GoldenResult[] } = {
  windows_by_frame_count: (byCount) =>
    Object.entries(byCount).flatMap(([frames, byOverlap]) =>
      Object.entries(byOverlap).map(([name, wanted]) => {
        const overlap = Number(/overlap_([\d.]+)/.exec(name)![1]);
        const windows = slidingWindows(Number(frames), { ...shape, overlap });
        const got = windows.map(({ first, last, snippets }) => [first, last, snippets]);
        return equalLists(`${frames} frames, ${name}`, got, wanted);
      }),
    ),
  val_with_gt: labelledCases,
  random_trunc: (rows) => rows.map(truncationCase),
  lr_schedule: rateCases,
};

/** Every table of the file; one that nobody knows fails. */
export function* ruleCases({ value }: Table): Iterable<GoldenResult> {
  for (const [part, rules] of Object.entries(value as Record<string, unknown>)) {
    const compareRules = parts[part as keyof Rules] as ((rules: unknown) => GoldenResult[]) | undefined;
    if (compareRules) yield worstOf(part, compareRules(rules));
    else if (typeof rules !== 'string') yield failure(`${part}: nothing compares this table`);
  }
}

/** Instances of a label file in frames, equal ones once; the windows that hold them. */
function labelledCases({ frames, duration, annotations, windows }: Rules['val_with_gt']): GoldenResult[] {
  const database = { v: { subset: 'validation', duration, frame: frames, annotations } };
  const [video] = parseActivityNet(JSON.stringify({ database }), 'recorded.json').entries;
  const numbered = new Map<string, number>();
  // The file holds the classes' numbers only in its windows: each window's instances in the order of the labels.
  const distinct = video!.segments.map((one) => ({ label: one.label, frames: segmentFrames(one, video!)! }));
  for (const { labels, gt_frames: held } of windows)
    held.forEach((segment, i) => {
      const found = distinct.find((one) => String(one.frames) === String(segment));
      if (found) numbered.set(found.label, labels[i]!);
    });
  const inFrames = segmentsInFrames(
    annotations.map(({ segment, label }) => ({ segment, label: numbered.get(label) ?? -1 })),
    frames,
    duration,
  );
  const got = labelledWindows(slidingWindows(frames, shape), inFrames, shape.stride);
  const recorded = [...new Set(windows.flatMap((one) => one.gt_frames.map(String)))].sort();
  return [
    equalLists('instances', distinct.map((one) => String(one.frames)).sort(), recorded),
    equalLists(
      'windows',
      got.map(({ first, last, segments }) => [first, last, segments.map(({ segment, label }) => [segment, label])]),
      windows.map(({ start, end, labels, gt_feature_grid: grid }) => [
        start,
        end,
        labels.map((label, i) => [grid[i], label]),
      ]),
    ),
  ];
}

/** By the same random numbers, asked for in the same ranges. */
function truncationCase(row: Rules['random_trunc'][number], number: number): GoldenResult {
  const asked: (readonly [number, number])[] = [];
  const calls = row.randint_calls_lo_hi_value;
  const labelled = row.labels.map((label, i) => ({ segment: row.gt_feature_grid[i]!, label }));
  const { frames, segments } = randomTruncation(row.total_frames, labelled, (low, high) => {
    asked.push([low, high]);
    return calls[asked.length - 1]?.[2] ?? low;
  });
  return equalLists(
    `truncation ${number}`,
    [asked, frames[0], frames.at(-1), frames.length, segments.map(({ segment, label }) => [segment, label])],
    [
      calls.map(([low, high]) => [low, high]),
      row.first_frame,
      row.last_frame,
      row.valid,
      row.labels_out.map((label, i) => [row.gt_out[i], label]),
    ],
  );
}

/** Rates by iteration; a column is named after its base, the least rate is the recipe's (spec section 6). */
function rateCases(row: Rules['lr_schedule']): GoldenResult[] {
  const [warmUp, total] = [row.warmup_epoch * row.iters_per_epoch, row.max_epoch * row.iters_per_epoch];
  return row.columns.map((column, k) => {
    const base = Number(/base ([\d.e-]+)/.exec(column)?.[1]);
    const schedule = linearWarmUpCosine(base, { warmUp, total, start: 0, minimum: 1e-8 });
    const want = row.lr_used_at_iteration.map((rates) => rates[k]!);
    const got = want.map((_, iteration) => schedule(iteration));
    return compare(column, got, want, { rtol: 1e-6, atol: 1e-12 });
  });
}
