// When a run would reach a level that it did not: its validations carried on by the law that they follow.
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

/** What is left to gain falls as a power of the steps, or by the same share with each of them: along which axis it is straight. */
const laws = [
  { along: Math.log, back: Math.exp },
  { along: (step: number) => step, back: (place: number) => place },
];

/**
 * Steps after the last validation until the metric would pass `level`, by the law that lies nearest: least squares
 * through the logarithm of what is left to gain, which is the metric itself where lower is better and its distance from 1
 * where higher is. Null where the curve does not bear it: fewer than three validations, one off the law, a trend that
 * is not for the better, or a level that is passed already or lies further away than three times the steps taken.
 */
export function stepsUntil(points: readonly OutlookPoint[], level: number, better: 'lower' | 'higher'): number | null {
  const left = (value: number): number => (better === 'lower' ? value : 1 - value);
  const known = points.filter(({ step }) => step > 0);
  const last = known.at(-1);
  if (known.length < fewest || last === undefined || !known.every(({ value }) => left(value) > 0)) return null;
  if (!(left(level) > 0) || left(last.value) < left(level)) return null;
  const y = known.map(({ value }) => Math.log(left(value)));
  const fits = laws.map(({ along, back }) => {
    const x = known.map(({ step }) => along(step));
    const [middleX, middleY] = [mean(x), mean(y)];
    const spread = mean(x.map((one) => (one - middleX) ** 2));
    const slope = mean(x.map((one, i) => (one - middleX) * (y[i]! - middleY))) / spread;
    const off = x.map((one, i) => Math.abs(Math.exp(y[i]! - middleY - slope * (one - middleX)) - 1));
    return { slope, off: Math.max(...off), until: back(middleX + (Math.log(left(level)) - middleY) / slope) };
  });
  const { slope, off, until } = fits.reduce((best, one) => (one.off < best.off ? one : best));
  if (!(slope < 0) || off > farthest || until > longest * last.step) return null;
  return Math.max(1, Math.round(until - last.step));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** The validations of a run, by one metric. */
export function outlookPoints(epochs: readonly EpochRecord[], metric: string): OutlookPoint[] {
  return epochs.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === undefined ? [] : [{ step, value }];
  });
}
