// Recorded metrics, rates and early stops of the clip classifier, which need no GPU.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryScores } from '../../../src/metrics/binaryScores';
import { videoScores } from '../../../src/metrics/videoScores';
import { balancingWeight } from '../../../src/models/mntsm/loss';
import { epochWarmUpCosine } from '../../../src/optim/schedules';
import { balancedChances, drawClip } from '../../../src/samples/balancedSampler';
import { afterValidation, isBetter, noEarlyStopYet, shouldStop } from '../../../src/training/session/earlyStop';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';

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
}

/** Sums in another order than numpy's may end a last digit apart. */
const exact = { rtol: 1e-12, atol: 1e-15 };

/** Every table that ours can be held to; `only` picks by name. */
export function tableCases(folder: string, only = ''): GoldenResult[] {
  const tables = JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')) as Tables;
  const groups: Record<string, () => GoldenResult[]> = {
    metrics: () => tables.metrics.flatMap(metricsOf),
    videos: () => videosOf(tables.video),
    rates: () => tables.schedule.map(ratesOf),
    'early stop': () => tables.early_stop.flatMap(earlyStopOf),
    'positive weight': () =>
      tables.sampler.flatMap(({ real, fake, pos_weight_neg_over_pos: ratio, pos_weight_upstream_sqrt: root }) => [
        compare('ratio', [balancingWeight(real, fake, 'ratio')], [ratio], exact),
        compare('square root', [balancingWeight(real, fake, 'squareRoot')], [root], exact),
      ]),
    'balanced draws': () => tables.sampler.flatMap(drawsOf),
  };
  return Object.entries(groups).flatMap(([name, results]) =>
    `mntsm/tables/${name}`.includes(only) ? [worstOf(`mntsm/tables/${name}`, results())] : [],
  );
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

/** Real clips come first in the recorded list of labels. */
function drawsOf({ real, fake, u = [], index = [] }: Tables['sampler'][number]): GoldenResult[] {
  if (u.length === 0) return [];
  const cumulative = balancedChances(Array.from({ length: real + fake }, (_, i) => (i < real ? 0 : 1)));
  return [
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
