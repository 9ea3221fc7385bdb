// Exponential smoothing of a curve that starts unbiased and leaves gaps (NaN) as they are.

/** `weight` in [0, 1): the share of the past; 0 gives the curve back. */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      smoothed[i] = NaN;
      continue;
    }
    // Dividing by the weights' own sum is Adam's bias correction: the first points are not dragged to zero.
    sum = weight * sum + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    smoothed[i] = sum / mass;
  }
  return smoothed;
}
