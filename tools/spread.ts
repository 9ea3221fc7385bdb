// How much a run's figures vary from seed to seed.
import type { DemoResult } from './demoRun';

export interface Spread {
  readonly mean: number;
  /** Of a sample: over n − 1. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

/** Of at least two values. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return {
    mean,
    deviation: Math.sqrt(squares / (values.length - 1)),
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

/** Spread of every metric that all runs have as a number, by its name. */
export function spreadOfRuns(results: readonly DemoResult[]): Readonly<Record<string, Spread>> {
  const names = Object.keys(results[0]?.metrics ?? {});
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = results.map(({ metrics }) => metrics[name] ?? NaN);
      return values.every(Number.isFinite) ? [[name, spreadOf(values)] as const] : [];
    }),
  );
}

/** A line for each metric. */
export function spreadLines(spreads: Readonly<Record<string, Spread>>, runs: number): string[] {
  const digits = (value: number): string => value.toPrecision(4);
  return Object.entries(spreads).map(
    ([name, { mean, deviation, least, most }]) =>
      `${name} over ${runs} seeds: mean ${digits(mean)}, deviation ${digits(deviation)}, ${digits(least)} to ${digits(most)}`,
  );
}
