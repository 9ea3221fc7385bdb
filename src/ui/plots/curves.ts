// Turns a run's records into the columns that its plots draw.
import type { EpochRecord, Metrics, SettingChange, StepRecord } from '../../training/protocol';
import { binIndices, take } from './bins';
import { smooth } from './smoothing';

export type Column = readonly (number | null)[];

export interface Curve {
  readonly label: string;
  readonly values: Column;
  /** How it is drawn: colours and dashes belong to the role, `index` counts within it. */
  readonly role: 'line' | 'faint' | 'part' | 'baseline' | 'points' | 'best' | 'run';
  readonly index: number;
}

export interface PlotData {
  readonly x: readonly number[];
  readonly curves: readonly Curve[];
  /** Where the axis ends at most: what lies above is far from anything of interest. */
  readonly top?: number;
  /** Places along the x-axis at which something was changed. */
  readonly marks?: readonly number[];
}

/** Of the weakest baseline, beyond which a metric that should be low is not drawn. */
const shareOfBaseline = 1.5;

export interface XAxis {
  readonly unit: 'step' | 'epoch';
  readonly stepsPerEpoch: number;
}

/** Points that one curve draws at most; all are kept in the run. */
const drawnPoints = 2000;

function xOf({ step }: Pick<StepRecord, 'step'>, axis: XAxis): number {
  return axis.unit === 'step' || axis.stepsPerEpoch === 0 ? step : step / axis.stepsPerEpoch;
}

/** The same plot with a mark where settings were changed. */
export function withChanges(data: PlotData, changes: readonly SettingChange[], axis: XAxis): PlotData {
  if (changes.length === 0) return data;
  return { ...data, marks: [...new Set(changes.map((change) => xOf(change, axis)))] };
}

export function lossCurves(
  records: readonly StepRecord[],
  axis: XAxis,
  weight: number,
  labels: { readonly raw: string; readonly smoothed: string; readonly part: (name: string) => string },
): PlotData {
  const raw = Float64Array.from(records, (record) => record.loss);
  const indices = binIndices(raw, drawnPoints);
  const parts = Object.keys(records[0]?.parts ?? {});
  const curves: Curve[] = [
    { label: labels.raw, values: take(raw, indices), role: 'faint', index: 0 },
    { label: labels.smoothed, values: take(smooth(raw, weight), indices), role: 'line', index: 0 },
  ];
  // One part alone is the loss itself.
  if (parts.length > 1) {
    parts.forEach((name, index) => {
      const values = Float64Array.from(records, (record) => record.parts[name] ?? NaN);
      curves.push({ label: labels.part(name), values: take(smooth(values, weight), indices), role: 'part', index });
    });
  }
  return { x: Array.from(indices, (index) => xOf(records[index]!, axis)), curves };
}

export function stepCurve(
  records: readonly StepRecord[],
  axis: XAxis,
  label: string,
  value: (record: StepRecord) => number,
  faintLabel?: string,
  weight = 0,
): PlotData {
  const all = Float64Array.from(records, value);
  const indices = binIndices(all, drawnPoints);
  const x = Array.from(indices, (index) => xOf(records[index]!, axis));
  const line: Curve = { label, values: take(smooth(all, weight), indices), role: 'line', index: 0 };
  if (faintLabel === undefined) return { x, curves: [line] };
  return { x, curves: [{ label: faintLabel, values: take(all, indices), role: 'faint', index: 0 }, line] };
}

export function metricCurves(
  epochs: readonly EpochRecord[],
  before: Metrics | null,
  baselines: Readonly<Record<string, number>>,
  axis: XAxis,
  /** The step that training has reached: baselines are drawn up to it. */
  reached: number,
  labels: {
    readonly metric: string;
    readonly better: 'lower' | 'higher';
    readonly value: string;
    readonly best: string;
    readonly baseline: (name: string) => string;
  },
): PlotData {
  const xOfStep = (step: number) => (axis.unit === 'step' ? step : step / Math.max(1, axis.stepsPerEpoch));
  const points: { x: number; value: number | null; best: boolean }[] = epochs.map((record) => ({
    x: axis.unit === 'step' ? record.step : record.epoch,
    value: record.metrics[labels.metric] ?? null,
    best: record.best,
  }));
  const first = before?.[labels.metric];
  if (first !== undefined) points.unshift({ x: 0, value: first, best: false });
  const end = xOfStep(reached);
  if (points.length > 0 && end > points.at(-1)!.x) points.push({ x: end, value: null, best: false });
  // Every epoch that was the best so far carries the mark; the last of them is the best of all.
  const best = points.findLastIndex((point) => point.best);
  const curves: Curve[] = Object.entries(baselines).map(([name, value], index) => ({
    label: labels.baseline(name),
    values: points.map(() => value),
    role: 'baseline',
    index,
  }));
  curves.push(
    { label: labels.value, values: points.map((point) => point.value), role: 'points', index: 0 },
    { label: labels.best, values: points.map((point, i) => (i === best ? point.value : null)), role: 'best', index: 0 },
  );
  const top = shareOfBaseline * Math.max(...Object.values(baselines));
  const clips = labels.better === 'lower' && top > 0 && points.some(({ value }) => value !== null && value < top);
  return { x: points.map((point) => point.x), curves, ...(clips && { top }) };
}
