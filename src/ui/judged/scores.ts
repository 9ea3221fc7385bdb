// On which side of the threshold a score lies, how far its band reaches, and with how many digits that can be seen.

export type Side = 'above' | 'below';

/** A score that reaches the threshold counts as above it. */
export function sideOf(score: number, threshold: number): Side {
  return score >= threshold ? 'above' : 'below';
}

/** The score's band on the scale from 0 to 1. */
export function bandOf(score: number, uncertainty: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, score - uncertainty), to: Math.min(1, score + uncertainty) };
}

/** True where the band lies on both sides of the threshold; a single clip has no band and is never open. */
export function isOpen(score: number, uncertainty: number, threshold: number): boolean {
  return uncertainty > 0 && Math.abs(score - threshold) <= uncertainty;
}

/** Two digits after the point, or as many (at most six) as it takes to tell a score from a threshold close to it. */
export function scoreDigits(score: number, threshold: number): number {
  let digits = 2;
  while (digits < 6 && score !== threshold && score.toFixed(digits) === threshold.toFixed(digits)) digits += 1;
  return digits;
}
