// Counts again at another threshold, from the curve of the pass alone: nothing runs.
import type { Confusion } from '../../metrics/binaryScores';
import type { RocCurve, RocPoint } from '../../metrics/rocCurve';

/** What scores of `threshold` and above take: the curve's last point that reaches it. */
export function pointAt(curve: RocCurve, threshold: number): RocPoint {
  return curve.points.findLast((point) => point.threshold >= threshold) ?? curve.points[0]!;
}

/** The same counts as judging every score at `threshold`. */
export function confusionOf(curve: RocCurve, threshold: number): Confusion {
  const { truePositives, falsePositives } = pointAt(curve, threshold);
  return {
    truePositives,
    falsePositives,
    trueNegatives: curve.negatives - falsePositives,
    falseNegatives: curve.positives - truePositives,
  };
}

/** Shares of the negatives and of the positives that are taken; null where there are none to share. */
export interface Rates {
  readonly falsePositive: number | null;
  readonly truePositive: number | null;
}

/** Both rates at a point of the curve. */
export function ratesOf(curve: RocCurve, point: RocPoint): Rates {
  const { positives, negatives } = curve;
  return {
    falsePositive: negatives === 0 ? null : point.falsePositives / negatives,
    truePositive: positives === 0 ? null : point.truePositives / positives,
  };
}

/** Corners of the curve in the unit square, x the false and y the true positive rate; null where a class is absent. */
export function rocCorners(curve: RocCurve): readonly { readonly x: number; readonly y: number }[] | null {
  const { positives, negatives, points } = curve;
  if (positives === 0 || negatives === 0) return null;
  return points.map((point) => ({ x: point.falsePositives / negatives, y: point.truePositives / positives }));
}
