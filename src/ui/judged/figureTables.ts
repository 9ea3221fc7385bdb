// The numbers behind the view's two figures, for their tables.
import type { RocCurve } from '../../metrics/rocCurve';
import type { Column, PlotData } from '../plots/curves';
import type { ClipLayout } from './clipLayout';
import { pointAt, ratesOf } from './recount';

function table(
  x: readonly number[],
  columns: readonly { readonly label: string; readonly values: Column }[],
): PlotData {
  return { x, curves: columns.map((column, index) => ({ ...column, role: 'line', index })) };
}

export interface FrameLabels {
  readonly clip: string;
  readonly clipScore: string;
  readonly attention: string;
  readonly frameScore: string;
}

/** One row per frame of each clip, by its seconds. */
export function framesTable(layout: ClipLayout, labels: FrameLabels): PlotData {
  const rows = layout.spans.flatMap((span) => span.cells.map((cell) => ({ span, cell })));
  return table(
    rows.map(({ cell }) => cell.from),
    [
      { label: labels.clip, values: rows.map(({ span }) => span.clip + 1) },
      { label: labels.clipScore, values: rows.map(({ span }) => span.score) },
      ...(layout.weighed ? [{ label: labels.attention, values: rows.map(({ cell }) => cell.attention) }] : []),
      { label: labels.frameScore, values: rows.map(({ cell }) => cell.score) },
    ],
  );
}

const thresholdRows = 21;

/** Both rates of each curve at thresholds from 0 to 1. */
export function ratesTable(
  curves: readonly { readonly curve: RocCurve; readonly trueRate: string; readonly falseRate: string }[],
): PlotData {
  const thresholds = Array.from({ length: thresholdRows }, (_, row) => row / (thresholdRows - 1));
  return table(
    thresholds,
    curves.flatMap(({ curve, trueRate, falseRate }) => {
      const rates = thresholds.map((threshold) => ratesOf(curve, pointAt(curve, threshold)));
      return [
        { label: trueRate, values: rates.map(({ truePositive }) => truePositive) },
        { label: falseRate, values: rates.map(({ falsePositive }) => falsePositive) },
      ];
    }),
  );
}
