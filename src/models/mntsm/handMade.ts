// Six numbers that a person would look at first: how sharp a face is and how much it flickers, inside and around it.

/** Grey pictures of one video, each [side, side] in 0..255: pairs of neighbouring frames. */
export interface GreyPairs {
  readonly side: number;
  readonly pairs: readonly (readonly [Float32Array, Float32Array])[];
}

export const FEATURES = 6;

/** Half axes of the inner ellipse, and of the one around it, as shares of the side. */
const inner = { across: 0.18, down: 0.24 };
const outer = { across: 0.3, down: 0.4 };

/**
 * Natural logarithms of mean absolute Laplacian and of mean absolute change to the next frame, each in an ellipse in
 * the middle, in the ring around it, and in the rest: [6].
 */
export function handMadeFeatures({ side, pairs }: GreyPairs): Float64Array {
  const regions = regionsOf(side);
  const sums = new Float64Array(FEATURES);
  const counts = new Float64Array(3);
  for (const [a, b] of pairs) {
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const i = y * side + x;
        const region = regions[i]!;
        const laplacian = 4 * a[i]! - a[i - 1]! - a[i + 1]! - a[i - side]! - a[i + side]!;
        sums[region]! += Math.abs(laplacian);
        sums[3 + region]! += Math.abs(b[i]! - a[i]!);
        counts[region]! += 1;
      }
    }
  }
  return sums.map((sum, i) => Math.log(sum / Math.max(1, counts[i % 3]!) + 0.1));
}

/** 0 in the inner ellipse, 1 in the ring, 2 elsewhere; [side, side]. */
function regionsOf(side: number): Uint8Array {
  const within = (x: number, y: number, { across, down }: typeof inner): boolean =>
    ((x + 0.5) / side - 0.5) ** 2 / across ** 2 + ((y + 0.5) / side - 0.5) ** 2 / down ** 2 <= 1;
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return within(x, y, inner) ? 0 : within(x, y, outer) ? 1 : 2;
  });
}

/** A linear rule on standardised features. */
export interface LogisticRule {
  /** The chance of the positive class for features [n]. */
  (features: Float64Array): number;
}

/**
 * Logistic regression with an L2 penalty on standardised features, both classes counting alike; by Newton's method.
 * `penalty` is on the squared weights, per example.
 */
export function fitLogistic(rows: readonly Float64Array[], positive: readonly boolean[], penalty = 0.01): LogisticRule {
  const width = rows[0]?.length ?? 0;
  const { mean, deviation } = standardisation(rows, width);
  const standardised = rows.map((row) => [1, ...row.map((value, i) => (value - mean[i]!) / deviation[i]!)]);
  const positives = positive.filter(Boolean).length;
  const shareOf = (one: boolean): number => 0.5 / Math.max(1, one ? positives : positive.length - positives);
  const size = width + 1;
  const weights = new Float64Array(size);
  for (let step = 0; step < 30; step++) {
    const gradient = Float64Array.from(weights, (weight, i) => (i === 0 ? 0 : penalty * weight));
    const hessian = Array.from({ length: size }, (_, i) =>
      Float64Array.from({ length: size }, (__, j) => (i === j ? (i === 0 ? 1e-9 : penalty) : 0)),
    );
    standardised.forEach((row, n) => {
      const chance = sigmoid(dot(weights, row));
      const share = shareOf(positive[n]!);
      for (let i = 0; i < size; i++) {
        gradient[i]! += share * (chance - Number(positive[n])) * row[i]!;
        for (let j = 0; j < size; j++) hessian[i]![j]! += share * chance * (1 - chance) * row[i]! * row[j]!;
      }
    });
    const change = solve(hessian, gradient);
    change.forEach((value, i) => (weights[i]! -= value));
    if (Math.max(...change.map(Math.abs)) < 1e-9) break;
  }
  return (features) => sigmoid(dot(weights, [1, ...features.map((value, i) => (value - mean[i]!) / deviation[i]!)]));
}

function standardisation(rows: readonly Float64Array[], width: number) {
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (const row of rows) row.forEach((value, i) => (mean[i]! += value / rows.length));
  for (const row of rows) row.forEach((value, i) => (deviation[i]! += (value - mean[i]!) ** 2 / rows.length));
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) || 1) };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function dot(weights: Float64Array, row: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * row[i]!, 0);
}

/** Solves a symmetric positive definite system by elimination; changes its arguments. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      const factor = matrix[i]![k]! / matrix[k]![k]!;
      for (let j = k; j < size; j++) matrix[i]![j]! -= factor * matrix[k]![j]!;
      right[i]! -= factor * right[k]!;
    }
  }
  for (let k = size - 1; k >= 0; k--) {
    for (let j = k + 1; j < size; j++) right[k]! -= matrix[k]![j]! * right[j]!;
    right[k]! /= matrix[k]![k]!;
  }
  return right;
}
