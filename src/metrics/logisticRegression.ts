// Logistic regression on a few features: what a classifier that looks at pixels must beat.
import { choleskySolve } from './choleskySolve';

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
    const hessian = new Float64Array(size * size);
    for (let i = 0; i < size; i++) hessian[i * size + i] = i === 0 ? 1e-9 : penalty;
    standardised.forEach((row, n) => {
      const chance = sigmoid(dot(weights, row));
      const share = shareOf(positive[n]!);
      for (let i = 0; i < size; i++) {
        gradient[i]! += share * (chance - Number(positive[n])) * row[i]!;
        for (let j = 0; j < size; j++) hessian[i * size + j]! += share * chance * (1 - chance) * row[i]! * row[j]!;
      }
    });
    const change = choleskySolve(hessian, size, gradient, 1);
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
