// Mean average precision by the upstream evaluator, as a whole and per class.
import { actionMap, type Action, type DetectedAction } from '../../../src/metrics/tadMap';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import type { Table } from '../group';

interface Recorded {
  readonly tiou_thresholds: readonly number[];
  readonly subset: string;
  readonly ground_truth: {
    readonly database: Readonly<Record<string, { readonly subset: string; readonly annotations: readonly Action[] }>>;
  };
  readonly predictions: { readonly results: Readonly<Record<string, readonly DetectedAction[]>> };
  readonly expected: {
    readonly mAP: Readonly<Record<string, number>>;
    readonly AP_per_class: Readonly<Record<string, readonly number[]>>;
  };
}

const exact = { atol: 1e-9 };

export function metricCases({ value }: Table): GoldenResult[] {
  const recorded = value as Recorded;
  const { tiou_thresholds: thresholds, ground_truth: truth, predictions, expected } = recorded;
  const actions = new Map(
    Object.entries(truth.database).flatMap(([video, { subset, annotations }]) =>
      subset === recorded.subset ? [[video, annotations] as const] : [],
    ),
  );
  const got = actionMap(actions, new Map(Object.entries(predictions.results)), thresholds);
  const perClass = Object.entries(expected.AP_per_class);
  return [
    compare('average', [got.average], [expected.mAP['average_mAP'] ?? NaN], exact),
    compare(
      'per threshold',
      got.map,
      thresholds.map((threshold) => expected.mAP[`mAP@${threshold}`] ?? NaN),
      exact,
    ),
    worstOf('per class', [
      compare('classes', [got.perClass.size], [perClass.length], exact),
      ...perClass.map(([label, values]) => compare(label, got.perClass.get(label) ?? [], values, exact)),
    ]),
  ];
}
