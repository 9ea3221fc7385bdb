// A recorded model: its metadata, inputs and weights, and what each of its arrays is compared by.
import type { Shape } from '../../src/engine/graph/tensor';
import { compare, equalLists, worstOf, type GoldenResult } from './golden';
import type { KeyEntry } from './hashedWeights';
import type { Recording } from './recording';

export interface Recorded {
  readonly names: readonly string[];
  readonly keys: readonly KeyEntry[];
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Parsed metadata; null where there is none. */
  readonly json: (key: string) => unknown;
  /** A stored array as floats; throws where there is none. */
  readonly floats: (name: string) => Float32Array;
  /** A stored array as whole numbers. */
  readonly wholes: (name: string) => Uint32Array;
  readonly shape: (name: string) => Shape;
  readonly has: (name: string) => boolean;
  /** Start value of a parameter or buffer, stored or by the formula. */
  readonly weight: (name: string) => Float32Array;
  /** An input by the formula, in ±`scale`. */
  readonly hashed: (name: string, count: number, scale: number) => Float32Array;
}

/** What a file holds, as the cases of models with weights of their own names read it. */
export function recordedOf(file: Recording): Recorded {
  const keys = file.json<KeyEntry[]>('keys', []);
  const shapes = new Map(keys.map(([name, shape]) => [name, shape]));
  const floats = (name: string): Float32Array => Float32Array.from(file.given(name) ?? [], Number);
  const wanted = (name: string): Float32Array =>
    /^(input|param)\./.test(name) ? floats(name) : Float32Array.from(file.want(name));
  return {
    names: [...file.tensors.keys()],
    keys,
    shapes,
    json: (key) => file.json<unknown>(key),
    floats: wanted,
    wholes: (name) => Uint32Array.from(wanted(name)),
    shape: (name) => file.shape(name),
    has: (name) => file.has(name),
    weight(name) {
      const value = file.weight(name, shapes.get(name) ?? []);
      if (!value) throw new Error(`no start value for ${name}`);
      return value;
    },
    hashed: (name, count, scale) => file.input(name, count).map((value) => scale * value),
  };
}

/** Differences as a share of the largest wanted value; below `least` everything counts as 0. */
export function compareToLargest(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  share: number,
  least = 1e-6,
): GoldenResult {
  let largest = least;
  for (let i = 0; i < want.length; i++) largest = Math.max(largest, Math.abs(want[i]!));
  const { worst } = compare(name, got, want, { atol: 1 });
  return { name, worst: worst / largest, tolerance: share, ok: worst / largest <= share };
}

/** Whether the gradient of a place is zero but for rounding, which Adam turns into steps: a bias of all of a softmax. */
function isDead(name: string, place: number, size: number): boolean {
  if (/(^|\.)(k_proj|temporal_attention\.2)\.bias$/.test(name)) return true;
  return name.endsWith('in_proj_bias') && place >= size / 3 && place < (2 * size) / 3;
}

/** Weights after a step; left out is what has no gradient but rounding. `atol` is absolute. */
export function compareAfterStep(
  recorded: Recorded,
  step: number,
  weights: ReadonlyMap<string, { readonly data: ArrayLike<number | bigint> }>,
  atol: number,
): GoldenResult[] {
  const prefix = `after${step}.`;
  return recorded.names.flatMap((name) => {
    if (!name.startsWith(prefix)) return [];
    const key = name.slice(prefix.length);
    const want = recorded.floats(name);
    const got = Array.from(weights.get(key)?.data ?? [], Number);
    if (got.length === 0) return [{ name: `${name} is missing`, worst: Infinity, tolerance: atol, ok: false }];
    const gradient = recorded.has(`grad.${key}`) ? recorded.floats(`grad.${key}`) : null;
    const counts = (i: number): boolean => {
      const slope = Math.abs(gradient?.[i] ?? 1);
      return !isDead(key, i, want.length) && (slope === 0 || slope >= 1e-6);
    };
    const kept = Array.from(want.keys()).filter(counts);
    if (kept.length === 0) return [];
    const pick = (values: ArrayLike<number>): number[] => kept.map((i) => values[i]!);
    return [compare(name, pick(got), pick(want), { atol })];
  });
}

/** Every recorded gradient by name; those that we lack count as zero, and what is rounding must be as small as that. */
export function compareGradients(
  recorded: Recorded,
  gradients: ReadonlyMap<string, Float32Array>,
  share: number,
): GoldenResult[] {
  return recorded.names.flatMap((name) => {
    if (!name.startsWith('grad.')) return [];
    const key = name.slice('grad.'.length);
    const want = recorded.floats(name);
    const got = gradients.get(key) ?? new Float32Array(want.length);
    if (isDead(key, 0, 1)) return [compare(name, got, want, { atol: 1e-6 })];
    return [compareToLargest(name, got, want, share)];
  });
}

/** Whether the parameters without gradient are the recorded ones, by their places among the keys. */
export function compareUntouched(recorded: Recorded, gradients: ReadonlyMap<string, unknown>): GoldenResult {
  const places = recorded.wholes('output.params_without_grad');
  const want = Array.from(places, (place) => recorded.keys[place]![0]);
  const got = recorded.keys.map(([key]) => key).filter((key) => !gradients.has(key));
  return equalLists('without gradient', got, want);
}

const lengthOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
};

/** A tensor against [its norm, its first eight values]; the values may differ by a share of the norm. */
export function compareNorms(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  share: number,
): GoldenResult[] {
  const norm = Math.max(want[0]!, 1e-6);
  const count = Math.min(8, got.length, want.length - 1);
  const first = (values: ArrayLike<number>, from: number): number[] =>
    Array.from({ length: count }, (_, k) => values[from + k]! / norm);
  return [
    compare(`norm of ${name}`, [lengthOf(got) / norm], [want[0]! / norm], { atol: share }),
    compare(`start of ${name}`, first(got, 0), first(want, 1), { atol: share }),
  ];
}

/** As `compareGradients`, where `grad.<name>.l2_first8` hold norms and first values. */
export function compareSummaries(
  recorded: Recorded,
  gradients: ReadonlyMap<string, Float32Array>,
  share: number,
): GoldenResult[] {
  const suffix = '.l2_first8';
  return recorded.names.flatMap((name) => {
    if (!name.startsWith('grad.') || !name.endsWith(suffix)) return [];
    const key = name.slice('grad.'.length, -suffix.length);
    const got = gradients.get(key) ?? new Float32Array(8);
    const want = recorded.floats(name);
    // Nothing but rounding, there as here.
    if (isDead(key, 0, 1)) return [compare(name, [lengthOf(got), want[0]!], [0, 0], { atol: 1e-4 })];
    return compareNorms(name, got, want, share);
  });
}

/** Names, shapes and order of parameters as PyTorch has them; `ours` may lack what `unneeded` matches. */
export function compareKeys(
  name: string,
  recorded: Recorded,
  ours: ReadonlyMap<string, Shape>,
  unneeded: RegExp = /$^/,
): GoldenResult {
  const wanted = recorded.keys.filter(([key]) => !unneeded.test(key));
  const wrong = wanted.filter(([key, shape]) => JSON.stringify(ours.get(key)) !== JSON.stringify(shape));
  const extra = [...ours.keys()].filter((key) => !recorded.shapes.has(key));
  const results = [...wrong.map(([key]) => `lacks ${key}`), ...extra.map((key) => `has ${key}`)].map((key) => ({
    name: key,
    worst: 1,
    tolerance: 0,
    ok: false,
  }));
  return worstOf(name, results.length > 0 ? results : [{ name: 'keys', worst: 0, tolerance: 1, ok: true }]);
}

/** Each row of [rows, width] brought to length 1. */
export function unitRows(values: Float32Array, width: number): Float32Array {
  return values.map((value, i) => {
    const start = i - (i % width);
    return value / Math.hypot(...values.subarray(start, start + width));
  });
}
