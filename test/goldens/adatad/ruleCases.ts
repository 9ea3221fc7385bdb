// Recorded data rules: windows per number of frames, validation windows with actions, truncation, rates per iteration.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluationWindows, trainingWindow } from '../../../src/models/adatad/windows';
import { linearWarmUpCosine } from '../../../src/optim/schedules';
import { segmentsInFrames, type LabelledSegment, type Segment } from '../../../src/samples/segments';
import { labelledWindows, slidingWindows } from '../../../src/samples/slidingWindows';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';

interface Rules {
  readonly windows_by_frame_count: Readonly<Record<string, Readonly<Record<string, readonly (readonly number[])[]>>>>;
  readonly val_with_gt: {
    readonly frames: number;
    readonly duration: number;
    readonly annotations: readonly { readonly segment: Segment; readonly label: string }[];
    readonly windows: readonly {
      readonly start: number;
      readonly end: number;
      readonly labels: readonly number[];
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
    readonly lr_used_at_iteration: readonly (readonly [adapter: number, detector: number])[];
  };
}

const rule = { stride: 4, snippets: 768 };
const exact = { atol: 1e-9 };

export function ruleCases(folder: string): GoldenResult[] {
  const rules = JSON.parse(readFileSync(join(folder, 'data_rules.json'), 'utf8')) as Rules;
  return [
    worstOf('adatad/rules/windows', windows(rules)),
    worstOf('adatad/rules/validation windows', validation(rules)),
    worstOf('adatad/rules/truncation', rules.random_trunc.flatMap(truncation)),
    worstOf('adatad/rules/rates', rates(rules)),
  ];
}

function windows({ windows_by_frame_count: recorded }: Rules): GoldenResult[] {
  return Object.entries(recorded).flatMap(([frames, byOverlap]) =>
    Object.entries(byOverlap).map(([name, wanted]) => {
      const overlap = Number(/overlap_([\d.]+)/.exec(name)?.[1]);
      const got = evaluationWindows(Number(frames), rule, overlap).flatMap(({ frames: own, valid, place }) => [
        place.firstFrame,
        own[valid - 1]!,
        place.snippets,
      ]);
      return compare(`${frames} ${name}`, got, wanted.flat(), exact);
    }),
  );
}

const flat = (segments: readonly LabelledSegment[]): number[] =>
  segments.flatMap(({ segment, label }) => [...segment, label]);

function validation({ val_with_gt: recorded }: Rules): GoldenResult[] {
  const { frames, duration, annotations, windows: wanted } = recorded;
  const classes: Readonly<Record<string, number>> = { HighJump: 11, LongJump: 13 };
  const named = annotations.map(({ segment, label }) => ({ segment, label: classes[label]! }));
  const placed = slidingWindows(frames, { ...rule, overlap: 0.25 });
  const got = labelledWindows(placed, segmentsInFrames(named, frames, duration), rule.stride);
  return [
    compare('number', [got.length], [wanted.length], exact),
    ...wanted.flatMap(({ start, end, labels, gt_feature_grid: segments }, k) => [
      compare(`${k} place`, [got[k]?.first ?? NaN, got[k]?.last ?? NaN], [start, end], exact),
      compare(
        `${k} actions`,
        flat(got[k]?.segments ?? []),
        flat(labels.map((label, i) => ({ segment: segments[i]!, label }))),
        exact,
      ),
    ]),
  ];
}

function truncation(recorded: Rules['random_trunc'][number], number: number): GoldenResult[] {
  const { total_frames: frames, gt_feature_grid: onGrid, labels, randint_calls_lo_hi_value: calls } = recorded;
  const segments = labels.map((label, i): LabelledSegment => {
    const [start, end] = onGrid[i]!;
    return { segment: [start * rule.stride, end * rule.stride], label };
  });
  const asked: number[] = [];
  const got = trainingWindow({ frames, segments }, rule, (low, high) => {
    const [, , value = NaN] = calls[asked.length / 2] ?? [];
    asked.push(low, high);
    return value;
  });
  const wanted = recorded.labels_out.map((label, i) => ({ segment: recorded.gt_out[i]!, label }));
  return [
    compare(
      `${number} draws`,
      asked,
      calls.flatMap(([low, high]) => [low, high]),
      exact,
    ),
    compare(
      `${number} frames`,
      [got.frames[0]!, got.frames[got.valid - 1]!, got.frames.at(-1)!, got.valid, got.frames.length],
      [recorded.first_frame, recorded.last_frame, recorded.last_frame, recorded.valid, rule.snippets],
      exact,
    ),
    compare(`${number} actions`, flat(got.segments), flat(wanted), exact),
  ];
}

function rates({ lr_schedule: recorded }: Rules): GoldenResult[] {
  const { iters_per_epoch: steps, warmup_epoch: warmUp, max_epoch: total, lr_used_at_iteration: wanted } = recorded;
  return [2e-4, 1e-4].map((base, k) => {
    const schedule = linearWarmUpCosine(base, { warmUp: warmUp * steps, total: total * steps, minimum: 1e-8 });
    return compare(
      `${base}`,
      wanted.map((_, step) => schedule(step)),
      wanted.map((both) => both[k]!),
      { rtol: 1e-9, atol: 1e-16 },
    );
  });
}
