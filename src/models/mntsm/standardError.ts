// How sure the mean of some scores is.

/** Of the mean of some scores; 0 for one. */
export function standardError(scores: readonly number[]): number {
  if (scores.length < 2) return 0;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1);
  return Math.sqrt(variance / scores.length);
}
