// Recorded metrics, rates, early stops and choices of frames of the clip classifier, which need no GPU.
import { binaryScores } from '../../../src/metrics/binaryScores';
import { videoScores } from '../../../src/metrics/videoScores';
import { balancingWeight } from '../../../src/models/mntsm/loss';
import { epochWarmUpCosine } from '../../../src/optim/schedules';
import { balancedChances, drawClip } from '../../../src/samples/balancedSampler';
import { everyNth, fourPerSecond, keyFrames, windowsOf } from '../../../src/samples/everyNth';
import { afterValidation, isBetter, noEarlyStopYet, shouldStop } from '../../../src/training/session/earlyStop';
import { compare, equalLists, worstOf, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import { failure, type Table } from '../group';

interface Scores {
  readonly auc: number;
  readonly auc_defined: boolean;
  readonly eer: number | null;
  readonly f1: number;
  readonly acc: number;
  readonly bacc: number;
}

interface EarlyStop {
  readonly values: readonly (number | null)[];
  readonly patience: number;
  readonly min_delta: number;
  readonly mode: 'min' | 'max';
  readonly best_checkpoint_epoch: number;
  readonly best_checkpoint_value: number;
  readonly earlystop_best_value: number;
  readonly stop_epoch: number | null;
  readonly bad_at_end: number;
  readonly trace: readonly (readonly [epoch: number, value: number | null, improved: boolean | null, bad: number])[];
}

interface Tables {
  readonly metrics: readonly (Scores & {
    readonly name: string;
    readonly labels: readonly number[];
    readonly scores: readonly (number | null)[];
  })[];
  readonly video: {
    readonly rows: readonly { readonly video: string; readonly label: number; readonly prob: number }[];
    readonly video_order: readonly string[];
    readonly video_labels: readonly number[];
    readonly mean: readonly number[];
    readonly max: readonly number[];
    readonly clip: Scores;
    readonly video_mean: Scores;
    readonly video_max: Scores;
  };
  readonly schedule: readonly {
    readonly base: number;
    readonly min_lr: number;
    readonly warmup: number;
    readonly epochs: number;
    readonly lr: readonly number[];
  }[];
  readonly sampler: readonly {
    readonly real: number;
    readonly fake: number;
    readonly pos_weight_neg_over_pos: number;
    readonly pos_weight_upstream_sqrt: number;
    readonly u?: readonly number[];
    readonly index?: readonly number[];
  }[];
  readonly early_stop: readonly EarlyStop[];
  readonly frames: readonly {
    readonly fps: number;
    readonly frames: number;
    readonly interval: number;
    readonly extracted: number;
    readonly first: readonly number[];
    readonly last: number;
    readonly windows: number | null;
    readonly window_frames: readonly (readonly number[])[] | null;
  }[];
  readonly keyframes: readonly {
    readonly n: number;
    readonly dim: number;
    readonly feature: string;
    readonly selected: readonly number[];
  }[];
}

/** Sums in another order than numpy's may end a last digit apart. */
const exact = { rtol: 1e-12, atol: 1e-15 };

/** Parts of the file by what compares them; what has no comparison says why. */
const parts: { readonly [Part in keyof Tables]: (table: Tables[Part]) => GoldenResult[] } = {
  metrics: (rows) => rows.flatMap(metricsOf),
  video: videosOf,
  schedule: (rows) => rows.map(ratesOf),
  sampler: (rows) => rows.flatMap(samplerOf),
  early_stop: (rows) => rows.flatMap(earlyStopOf),
  frames: (rows) => rows.flatMap(framesOf),
  keyframes: (rows) => rows.map(keyFramesOf),
};
const left: Readonly<Record<string, string>> = {
  notes: 'text',
  crop: 'alignment by five landmarks, which the product does not do',
  face_feature: 'text',
};

/** Every table of the file; one that nobody knows fails. */
export function* tableCases({ value }: Table): Iterable<GoldenResult> {
  for (const [part, table] of Object.entries(value as Record<string, unknown>)) {
    const compareTable = parts[part as keyof Tables] as ((table: unknown) => GoldenResult[]) | undefined;
    if (compareTable) yield worstOf(part, compareTable(table));
    else if (!(part in left)) yield failure(`${part}: nothing compares this table`);
  }
}

/** How videos are thinned out, and windows of eight of what is kept. */
function framesOf(row: Tables['frames'][number]): GoldenResult[] {
  const interval = fourPerSecond(row.fps);
  const kept = everyNth(row.frames, interval);
  const windows = row.windows === null ? null : windowsOf(kept, 8, 4);
  return [
    equalLists(
      `${row.frames} frames at ${row.fps}`,
      [interval, kept.length, kept.at(-1), kept.slice(0, row.first.length)],
      [row.interval, row.extracted, row.last, row.first],
    ),
    equalLists(
      `windows of ${row.frames} frames at ${row.fps}`,
      [windows?.length ?? null, windows && [windows[0], windows.at(-1)]],
      [row.windows, row.window_frames],
    ),
  ];
}

/** Features are hash values under a name that the row quotes, moved to [0, 1). */
function keyFramesOf({ n, dim, feature, selected }: Tables['keyframes'][number]): GoldenResult {
  const name = /hash_uniform\('([^']+)'/.exec(feature)?.[1] ?? '';
  const features = hashValues(name, n * dim).map((one) => (one + 1) / 2);
  return equalLists(`${n} frames`, keyFrames(features, dim), selected);
}

/** Where a class is absent, upstream has zeros and ours leaves the metric open. */
function scoresOf(name: string, judged: Parameters<typeof binaryScores>[0], want: Scores): GoldenResult[] {
  const got = binaryScores(judged);
  const open = [got.auc, got.equalErrorRate, got.balancedAccuracy].filter((one) => one === null).length;
  return [
    compare(`${name} f1`, [got.f1], [want.f1], exact),
    compare(`${name} accuracy`, [got.accuracy], [want.acc], exact),
    compare(`${name} open`, [open], [want.auc_defined ? 0 : 3], exact),
    ...(want.auc_defined
      ? [
          compare(`${name} auc`, [got.auc ?? NaN], [want.auc], exact),
          compare(`${name} eer`, [got.equalErrorRate ?? NaN], [want.eer ?? NaN], { atol: 1e-12 }),
          compare(`${name} balanced`, [got.balancedAccuracy ?? NaN], [want.bacc], exact),
        ]
      : []),
  ];
}

function metricsOf(row: Tables['metrics'][number]): GoldenResult[] {
  const judged = row.scores.map((score, i) => ({ score: score ?? NaN, positive: row.labels[i] === 1 }));
  return scoresOf(row.name, judged, row);
}

function videosOf(table: Tables['video']): GoldenResult[] {
  const clips = table.rows.map(({ video, label, prob }) => ({ video, score: prob, positive: label === 1 }));
  const [mean, max] = [videoScores(clips), videoScores(clips, 'max')];
  const order = mean.filter(({ video }, i) => video !== table.video_order[i]).length;
  return [
    compare('order', [order], [0], { atol: 0 }),
    compare(
      'labels',
      mean.map(({ positive }) => Number(positive)),
      table.video_labels,
      exact,
    ),
    compare(
      'mean',
      mean.map(({ score }) => score),
      table.mean,
      exact,
    ),
    compare(
      'max',
      max.map(({ score }) => score),
      table.max,
      exact,
    ),
    ...scoresOf('clips', clips, table.clip),
    ...scoresOf('mean', mean, table.video_mean),
    ...scoresOf('max', max, table.video_max),
  ];
}

function ratesOf({
  base,
  min_lr: minimum,
  warmup: warmUp,
  epochs: total,
  lr,
}: Tables['schedule'][number]): GoldenResult {
  const schedule = epochWarmUpCosine(base, { warmUp, total, minimum });
  return compare(
    `${base} over ${total}`,
    lr.map((_, epoch) => schedule(epoch)),
    lr,
    { rtol: 1e-9, atol: 1e-15 },
  );
}

/** Weights of positives, and draws; real clips come first in the recorded list of labels. */
function samplerOf(row: Tables['sampler'][number]): GoldenResult[] {
  const { real, fake, u = [], index = [] } = row;
  const weights = [
    compare('ratio', [balancingWeight(real, fake, 'ratio')], [row.pos_weight_neg_over_pos], exact),
    compare('square root', [balancingWeight(real, fake, 'squareRoot')], [row.pos_weight_upstream_sqrt], exact),
  ];
  if (u.length === 0) return weights;
  const cumulative = balancedChances(Array.from({ length: real + fake }, (_, i) => (i < real ? 0 : 1)));
  return [
    ...weights,
    compare(
      `${real} and ${fake}`,
      u.map((one) => drawClip(cumulative, one)),
      index,
      { atol: 0 },
    ),
  ];
}

function earlyStopOf(table: EarlyStop, number: number): GoldenResult[] {
  const better = table.mode === 'max' ? 'higher' : 'lower';
  const rule = { patience: table.patience, minDelta: table.min_delta, better } as const;
  let state = noEarlyStopYet;
  let best: { epoch: number; value: number } | null = null;
  let stopped: number | null = null;
  const bad: number[] = [];
  for (const [epoch, recorded] of table.trace) {
    const value = recorded ?? NaN;
    if (isBetter(value, best?.value ?? null, better)) best = { epoch, value };
    state = afterValidation(state, value, rule);
    bad.push(state.bad);
    if (shouldStop(state, rule)) {
      stopped = epoch;
      break;
    }
  }
  return [
    compare(
      `${number} bad`,
      bad,
      table.trace.map(([, , , count]) => count),
      { atol: 0 },
    ),
    compare(`${number} bad at the end`, [state.bad], [table.bad_at_end], { atol: 0 }),
    compare(
      `${number} best`,
      [best?.epoch ?? NaN, best?.value ?? NaN],
      [table.best_checkpoint_epoch, table.best_checkpoint_value],
      exact,
    ),
    compare(`${number} reference`, [state.reference ?? NaN], [table.earlystop_best_value], exact),
    compare(`${number} stop`, [stopped ?? -1], [table.stop_epoch ?? -1], { atol: 0 }),
  ];
}
