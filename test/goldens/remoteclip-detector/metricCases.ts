// Recorded detection metrics, suppression, overlaps and assignments, on plain numbers.
import { cocoScores } from '../../../src/metrics/cocoAp';
import { cornersIou, type Corners, type JudgedPicture } from '../../../src/metrics/judgedBoxes';
import { linearAssignment } from '../../../src/metrics/linearAssignment';
import { nms } from '../../../src/metrics/nms';
import { overlapSteps, vocScores } from '../../../src/metrics/vocAp';
import { compare, type GoldenResult } from '../../helpers/golden';
import type { Table } from '../group';

interface VocClass {
  readonly npos: number;
  readonly ap_11point: number;
  readonly ap_continuous: number;
}
interface Voc {
  readonly per_class: readonly VocClass[];
  readonly map_11point: number;
  readonly map_continuous: number;
}
interface RecordedMetrics {
  readonly classes: number;
  readonly ground_truth: readonly (readonly { box: Corners; cls: number; difficult: number }[])[];
  readonly detections: readonly (readonly { box: Corners; cls: number; score: number }[])[];
  readonly voc: Readonly<Record<'0.50' | '0.75', Record<'exclusive' | 'plus_one', Voc>>> & {
    readonly '0.50:0.95': { readonly map_continuous: number; readonly map_11point: number };
  };
  readonly coco: {
    readonly map_50_95: number;
    readonly map_50: number;
    readonly map_75: number;
    readonly per_threshold: Readonly<Record<string, number>>;
    readonly per_class_50_95: readonly number[];
    readonly per_class_50: readonly number[];
    readonly recall_max100: number;
  };
  readonly giou: { readonly a: readonly Corners[]; readonly b: readonly Corners[]; readonly iou: readonly number[] };
  readonly nms: {
    readonly boxes: readonly Corners[];
    readonly scores: readonly number[];
    readonly classes: readonly number[];
    readonly keep: Readonly<Record<string, readonly number[]>>;
    readonly keep_per_class: Readonly<Record<string, readonly number[]>>;
  };
  readonly hungarian: readonly {
    readonly cost: readonly (readonly number[])[];
    readonly rows: readonly number[];
    readonly cols: readonly number[];
  }[];
}

const close = { atol: 1e-9 };
const exact = { atol: 0 };
const mean = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, one) => sum + (one ?? NaN), 0) / values.length;

/** Everything in metrics_detection.json. */
export function metricCases({ value }: Table): GoldenResult[] {
  const recorded = value as RecordedMetrics;
  const pictures: JudgedPicture[] = recorded.ground_truth.map((truth, k) => ({
    truth: truth.map(({ box, cls, difficult }) => ({ box, category: cls, difficult: difficult === 1 })),
    found: recorded.detections[k]!.map(({ box, cls, score }) => ({ box, category: cls, score })),
  }));
  return [
    ...vocCases(recorded, pictures),
    ...cocoCases(recorded, pictures),
    compare(
      'overlaps',
      recorded.giou.a.map((box, k) => cornersIou(box, recorded.giou.b[k]!)),
      recorded.giou.iou,
      close,
    ),
    ...suppressionCases(recorded),
    ...recorded.hungarian.flatMap(({ cost, rows, cols }, k) => {
      const [height, width] = [cost.length, cost[0]!.length];
      const ours = linearAssignment(Float64Array.from(cost.flat()), height, width);
      return [
        compare(`assignment ${k} of ${height} × ${width} rows`, ours.rows, rows, exact),
        compare(`assignment ${k} columns`, ours.columns, cols, exact),
      ];
    }),
  ];
}

function vocCases({ voc, classes }: RecordedMetrics, pictures: readonly JudgedPicture[]): GoldenResult[] {
  const results: GoldenResult[] = [];
  for (const threshold of ['0.50', '0.75'] as const)
    for (const rule of ['exclusive', 'plus_one'] as const) {
      const want = voc[threshold][rule];
      const ours = vocScores(pictures, classes, { threshold: Number(threshold), plusOne: rule === 'plus_one' });
      const name = `voc ${threshold} ${rule}`;
      results.push(
        compare(
          `${name} continuous`,
          [ours.continuous!, ...ours.perClass.map((one) => one.continuous!)],
          [want.map_continuous, ...want.per_class.map((one) => one.ap_continuous)],
          close,
        ),
        compare(
          `${name} eleven points`,
          [ours.elevenPoint!, ...ours.perClass.map((one) => one.elevenPoint!)],
          [want.map_11point, ...want.per_class.map((one) => one.ap_11point)],
          close,
        ),
      );
    }
  const all = overlapSteps.map((threshold) => vocScores(pictures, classes, { threshold }));
  const { map_continuous, map_11point } = voc['0.50:0.95'];
  const ours = [mean(all.map((one) => one.continuous)), mean(all.map((one) => one.elevenPoint))];
  return [...results, compare('voc 0.50:0.95', ours, [map_continuous, map_11point], close)];
}

function cocoCases({ coco, classes }: RecordedMetrics, pictures: readonly JudgedPicture[]): GoldenResult[] {
  const ours = cocoScores(pictures, classes);
  const byThreshold = ours.precision.map(mean);
  const byClass = Array.from({ length: classes }, (_, c) => mean(ours.precision.map((row) => row[c]!)));
  return [
    compare('coco 0.50:0.95', [ours.averagePrecision!], [coco.map_50_95], close),
    compare('coco 0.50 and 0.75', [byThreshold[0]!, byThreshold[5]!], [coco.map_50, coco.map_75], close),
    compare(
      'coco by threshold',
      byThreshold,
      overlapSteps.map((step) => coco.per_threshold[step.toFixed(2)]!),
      close,
    ),
    compare('coco by class', byClass, coco.per_class_50_95, close),
    compare('coco by class at 0.50', ours.precision[0] as number[], coco.per_class_50, close),
    compare('coco recall', [ours.averageRecall!], [coco.recall_max100], close),
  ];
}

function suppressionCases({ nms: { boxes, scores, classes, keep, keep_per_class } }: RecordedMetrics): GoldenResult[] {
  const overlap = (i: number, j: number): number => cornersIou(boxes[i]!, boxes[j]!);
  const withinClass = (i: number, j: number): number => (classes[i] === classes[j] ? overlap(i, j) : 0);
  return Object.keys(keep).flatMap((threshold) => [
    compare(`suppression ${threshold}`, nms(scores, overlap, Number(threshold)), keep[threshold]!, exact),
    compare(
      `suppression per class ${threshold}`,
      nms(scores, withinClass, Number(threshold)),
      keep_per_class[threshold]!,
      exact,
    ),
  ]);
}
