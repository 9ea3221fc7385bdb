// Recorded PyTorch values: where they lie, and the verdict on a comparison.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Verdict on one compared array; `worst` and `tolerance` are in the same measure. */
export interface GoldenResult {
  readonly name: string;
  readonly worst: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

/** The folder of recordings: what GOLDENS names, else the ones beside the checkout, else those kept in it. */
export function goldenRoot(): string {
  const named = process.env['GOLDENS'];
  const beside = resolve('../shared/fixtures');
  return named ? resolve(named) : existsSync(beside) ? beside : resolve('test/goldens');
}

/** Folder of real data that lies beside the checkout, for example `bvh`, or null. */
export function sharedData(name: string): string | null {
  const folder = resolve('../shared/data', name);
  return existsSync(folder) ? folder : null;
}

/** How far values may be off; what is given must hold together. */
export interface Tolerance {
  /** |got − want| ≤ atol + rtol · |want| everywhere. */
  readonly rtol?: number;
  readonly atol?: number;
  /** |got − want| ≤ ofLargest · the largest |want|. */
  readonly ofLargest?: number;
  /** ‖got − want‖ ≤ ofLength · ‖want‖. */
  readonly ofLength?: number;
  /** Share of the entries that need not keep to `atol`. */
  readonly exempt?: number;
}

function verdict(name: string, worst: number, tolerance: number): GoldenResult {
  return { name, worst: Number.isNaN(worst) ? Infinity : worst, tolerance, ok: worst <= tolerance };
}

/**
 * Whether values are as near to the wanted ones as `tolerance` says; another length, NaN and nothing at all never are.
 * `worst` is in the measure of the tolerance: with rtol it is the largest |got − want| / (|want| + atol / rtol).
 */
export function compare(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { rtol = 0, atol = 0, ofLargest, ofLength, exempt = 0 }: Tolerance,
): GoldenResult {
  const tolerance = ofLength ?? ofLargest ?? (rtol > 0 ? rtol : atol);
  if (got.length !== want.length || want.length === 0) return verdict(name, Infinity, tolerance);
  const differences = Float64Array.from(want, (value, i) => (got[i] === value ? 0 : Math.abs(got[i]! - value)));
  if (ofLength !== undefined) return verdict(name, share(length(differences), length(want)), tolerance);
  if (ofLargest !== undefined) return verdict(name, share(largest(differences), largest(want)), tolerance);
  if (rtol > 0) {
    const measured = differences.map((one, i) => (one === 0 ? 0 : one / (Math.abs(want[i]!) + atol / rtol)));
    return verdict(name, largest(measured), tolerance);
  }
  if (exempt === 0) return verdict(name, largest(differences), tolerance);
  const sorted = differences.map((one) => (Number.isNaN(one) ? Infinity : one)).sort();
  return verdict(name, sorted[sorted.length - 1 - Math.floor(exempt * sorted.length)]!, tolerance);
}

/** a / b; of values that are all zero the difference itself. */
const share = (a: number, b: number): number => (b === 0 ? a : a / b);

/** Euclidean length. */
export function length(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** Largest absolute value; NaN where there is one. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** Several comparisons under one line: the worst of them counts. */
export function worstOf(name: string, results: readonly GoldenResult[]): GoldenResult {
  const failing = results.filter((one) => !one.ok);
  const near = (one: GoldenResult): number => (one.worst === 0 ? 0 : one.worst / one.tolerance);
  const worst = [...(failing.length > 0 ? failing : results)].sort((a, b) => near(b) - near(a))[0];
  if (!worst) return { name: `${name} (nothing compared)`, worst: Infinity, tolerance: 0, ok: false };
  const note = failing.length > 0 ? `${failing.length} of ${results.length}, worst ${worst.name}` : `${results.length}`;
  return { ...worst, name: `${name} [${note}]` };
}

/** 0 where two lists are equal, else the number of places where they differ. */
export function equalLists(name: string, got: readonly unknown[], want: readonly unknown[]): GoldenResult {
  const differing = want.filter((value, i) => JSON.stringify(got[i]) !== JSON.stringify(value)).length;
  return verdict(name, differing + Math.max(0, got.length - want.length), 0);
}
