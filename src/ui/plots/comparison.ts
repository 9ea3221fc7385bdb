// Several runs over one another: their losses and metrics as curves, the settings in which they differ.
import type { SettingValue } from '../../models/settings';
import type { RunRecord } from '../../training/protocol';
import { binIndices } from './bins';
import type { Curve, PlotData } from './curves';
import { smooth } from './smoothing';

const pointsPerRun = 600;

export interface NamedPoints {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Smoothed losses of a run by step, thinned. */
export function lossPoints({ name, steps }: RunRecord, weight: number): NamedPoints {
  const smoothed = smooth(
    steps.map(({ loss }) => loss),
    weight,
  );
  const indices = binIndices(smoothed, pointsPerRun);
  return { name, points: Array.from(indices, (i) => ({ x: steps[i]!.step, y: smoothed[i]! })) };
}

/** A metric of a run's validations by step, the one before training first. */
export function metricPoints({ name, epochs, metricsBefore }: RunRecord, metric: string): NamedPoints {
  const before = metricsBefore[metric];
  const after = epochs.flatMap(({ step, metrics }) => {
    const y = metrics[metric];
    return y === undefined ? [] : [{ x: step, y }];
  });
  return { name, points: before === undefined ? after : [{ x: 0, y: before }, ...after] };
}

/** On one axis: where a run has no point of its own there is a gap that its line spans. */
export function overlaid(runs: readonly NamedPoints[]): PlotData {
  const x = [...new Set(runs.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const place = new Map(x.map((value, index) => [value, index]));
  const curves = runs.map(({ name, points }, index): Curve => {
    const values = new Array<number | null>(x.length).fill(null);
    for (const point of points) values[place.get(point.x)!] = Number.isFinite(point.y) ? point.y : null;
    return { label: name, values, role: 'run', index };
  });
  return { x, curves };
}

export interface Difference {
  readonly key: string;
  /** One for each run; undefined where its task has no such setting. */
  readonly values: readonly (SettingValue | undefined)[];
}

/** Settings that are not the same in all runs, in the order in which the runs have them. */
export function settingDifferences(runs: readonly Pick<RunRecord, 'settings'>[]): readonly Difference[] {
  const keys = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  return keys
    .map((key) => ({ key, values: runs.map(({ settings }) => settings[key]) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
