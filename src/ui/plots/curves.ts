// Turns a run's records into the columns that its plots draw.
import type { EpochRecord, Metrics, SettingChange } from '../../training/protocol';
import { binIndices, take } from './bins';
import { waits, type StepColumns } from './stepColumns';

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
  /** Time is of training alone, in seconds. */
  readonly unit: 'step' | 'epoch' | 'time';
  readonly stepsPerEpoch: number;
  readonly columns: StepColumns;
}

/** Points that one curve draws at most; all are kept in the run. */
const drawnPoints = 2000;

/** Training time at which a step was done, by the steps that are known. */
function secondsAt(columns: StepColumns, step: number): number {
  const [steps, seconds] = [columns.column('step'), columns.column('seconds')];
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : seconds[low - 1]!;
}

/** Where a step lies along the axis. */
function placeOf(step: number, { unit, stepsPerEpoch, columns }: XAxis): number {
  if (unit === 'time') return secondsAt(columns, step);
  return unit === 'step' || stepsPerEpoch === 0 ? step : step / stepsPerEpoch;
}

/** The same plot with a mark where settings were changed. */
export function withChanges(data: PlotData, changes: readonly SettingChange[], axis: XAxis): PlotData {
  if (changes.length === 0) return data;
  return { ...data, marks: [...new Set(changes.map(({ step }) => placeOf(step, axis)))] };
}

function placesOf(indices: Uint32Array, { unit, stepsPerEpoch, columns }: XAxis): number[] {
  const along = columns.column(unit === 'time' ? 'seconds' : 'step');
  const share = unit === 'epoch' && stepsPerEpoch > 0 ? 1 / stepsPerEpoch : 1;
  return Array.from(indices, (index) => along[index]! * share);
}

export function lossCurves(
  axis: XAxis,
  weight: number,
  labels: { readonly raw: string; readonly smoothed: string; readonly part: (name: string) => string },
): PlotData {
  const { columns } = axis;
  const raw = columns.column('loss');
  const indices = binIndices(raw, drawnPoints);
  const curves: Curve[] = [
    { label: labels.raw, values: take(raw, indices), role: 'faint', index: 0 },
    { label: labels.smoothed, values: take(columns.smoothed('loss', weight), indices), role: 'line', index: 0 },
  ];
  // One part alone is the loss itself.
  if (columns.parts.length > 1) {
    columns.parts.forEach((name, index) => {
      const values = take(columns.smoothed(`part ${name}`, weight), indices);
      curves.push({ label: labels.part(name), values, role: 'part', index });
    });
  }
  return { x: placesOf(indices, axis), curves };
}

/** A column as a line; with `faint`, smoothed over the raw one. */
export function stepCurve(
  axis: XAxis,
  column: 'rate' | 'milliseconds' | 'norm' | 'held',
  label: string,
  faint?: { readonly label: string; readonly weight: number },
  /** Of the column's own unit, in one of the axis. */
  unit = 1,
): PlotData {
  const own = axis.columns.column(column);
  const all = unit === 1 ? own : own.map((value) => value / unit);
  const indices = binIndices(all, drawnPoints);
  const x = placesOf(indices, axis);
  if (faint === undefined) return { x, curves: [{ label, values: take(all, indices), role: 'line', index: 0 }] };
  const smoothed = take(axis.columns.smoothed(column, faint.weight), indices);
  return {
    x,
    curves: [
      { label: faint.label, values: take(all, indices), role: 'faint', index: 0 },
      { label, values: smoothed, role: 'line', index: 0 },
    ],
  };
}

/** Where the time of steps goes: the whole, and what the loop waited for, all smoothed. */
export function waitCurves(
  axis: XAxis,
  weight: number,
  labels: Readonly<Record<'whole' | (typeof waits)[number], string>>,
): PlotData {
  const { columns } = axis;
  const indices = binIndices(columns.column('milliseconds'), drawnPoints);
  const curves = waits.map((name, index): Curve => ({
    ...{ label: labels[name], role: 'part', index },
    values: take(columns.smoothed(name, weight), indices),
  }));
  const whole = take(columns.smoothed('milliseconds', weight), indices);
  return {
    x: placesOf(indices, axis),
    curves: [{ label: labels.whole, values: whole, role: 'line', index: 0 }, ...curves],
  };
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
  const points: { x: number; value: number | null; best: boolean }[] = epochs.map((record) => ({
    x: axis.unit === 'epoch' ? record.epoch : placeOf(record.step, axis),
    value: record.metrics[labels.metric] ?? null,
    best: record.best,
  }));
  const first = before?.[labels.metric];
  if (first !== undefined) points.unshift({ x: 0, value: first, best: false });
  const end = placeOf(reached, axis);
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
