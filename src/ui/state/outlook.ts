// When a run would reach a level that it did not: its validations carried on as a power law of the steps.
import type { EpochRecord } from '../../training/protocol';

export interface OutlookPoint {
  readonly step: number;
  readonly value: number;
}

/** Fewer validations say nothing of a trend. */
const fewest = 3;
/** How far a validation may lie from the law, as a share of what is left to gain. */
const farthest = 0.1;
/** Nobody should trust it beyond so many times the steps that were taken. */
const longest = 3;

/**
 * Steps after the last validation until the metric would pass `level`, by least squares through the logarithms of steps
 * and of what is left to gain: the metric itself where lower is better, its distance from 1 where higher is. Null where
 * the curve does not bear it: fewer than three validations, one off the law, a trend that is not for the better, or a
 * level that is passed already or lies further away than three times the steps taken.
 */
export function stepsUntil(points: readonly OutlookPoint[], level: number, better: 'lower' | 'higher'): number | null {
  const left = (value: number): number => (better === 'lower' ? value : 1 - value);
  const known = points.filter(({ step, value }) => step > 0 && left(value) > 0);
  const last = known.at(-1);
  if (known.length < fewest || known.length < points.filter(({ step }) => step > 0).length) return null;
  if (last === undefined || !(left(level) > 0) || left(last.value) < left(level)) return null;
  const x = known.map(({ step }) => Math.log(step));
  const y = known.map(({ value }) => Math.log(left(value)));
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [middleX, middleY] = [mean(x), mean(y)];
  const spread = mean(x.map((one) => (one - middleX) ** 2));
  const slope = mean(x.map((one, i) => (one - middleX) * (y[i]! - middleY))) / spread;
  if (!(slope < 0)) return null;
  const off = x.map((one, i) => Math.abs(Math.exp(y[i]! - middleY - slope * (one - middleX)) - 1));
  if (Math.max(...off) > farthest) return null;
  const until = Math.exp(middleX + (Math.log(left(level)) - middleY) / slope);
  if (until > longest * last.step) return null;
  return Math.max(1, Math.round(until - last.step));
}

/** The validations of a run, by one metric. */
export function outlookPoints(epochs: readonly EpochRecord[], metric: string): OutlookPoint[] {
  return epochs.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === undefined ? [] : [{ step, value }];
  });
}
