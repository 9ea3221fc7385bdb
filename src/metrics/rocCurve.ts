// The receiver operating characteristic of scores against two classes, and what is read off it: AUC, EER, precision.

/** One judged thing: its score and whether it is positive. */
export interface Judged {
  readonly score: number;
  readonly positive: boolean;
}

/** What counts as positive at this threshold and above. */
export interface RocPoint {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

export interface RocCurve {
  readonly positives: number;
  readonly negatives: number;
  /** From the highest threshold to the lowest, one point per distinct score; the first (∞) takes nothing. */
  readonly points: readonly RocPoint[];
}

/** Counts at every distinct score. Scores are numbers, not NaN. */
export function rocCurve(judged: readonly Judged[]): RocCurve {
  const falling = [...judged].sort((a, b) => b.score - a.score);
  const points: RocPoint[] = [{ threshold: Infinity, truePositives: 0, falsePositives: 0 }];
  let [truePositives, falsePositives] = [0, 0];
  falling.forEach(({ score, positive }, i) => {
    if (positive) truePositives += 1;
    else falsePositives += 1;
    if (falling[i + 1]?.score !== score) points.push({ threshold: score, truePositives, falsePositives });
  });
  return { positives: truePositives, negatives: falsePositives, points };
}

/** Consecutive points of the curve. */
function segments({ points }: RocCurve): (readonly [RocPoint, RocPoint])[] {
  return points.slice(1).map((point, i) => [points[i]!, point]);
}

/** Share of pairs of a positive and a negative that are in the right order, ties half; null where a class is absent. */
export function areaUnderRoc(curve: RocCurve): number | null {
  const { positives, negatives } = curve;
  if (positives === 0 || negatives === 0) return null;
  let area = 0;
  for (const [a, b] of segments(curve))
    area += ((b.falsePositives - a.falsePositives) * (a.truePositives + b.truePositives)) / 2;
  return area / (positives * negatives);
}

/** Mean of the precision over recall, as sklearn's average_precision_score (no interpolation); null without positives. */
export function averagePrecision(curve: RocCurve): number | null {
  if (curve.positives === 0) return null;
  let sum = 0;
  for (const [a, { truePositives, falsePositives }] of segments(curve))
    sum += ((truePositives - a.truePositives) * truePositives) / (truePositives + falsePositives);
  return sum / curve.positives;
}

/** Where as large a share of negatives is taken as of positives is missed, between points by a straight line; null where a class is absent. */
export function equalErrorRate(curve: RocCurve): number | null {
  const { positives, negatives } = curve;
  if (positives === 0 || negatives === 0) return null;
  const taken = ({ falsePositives }: RocPoint): number => falsePositives / negatives;
  /** Grows from −1 at nothing taken to 1 at everything. */
  const excess = (point: RocPoint): number => taken(point) + point.truePositives / positives - 1;
  for (const [a, b] of segments(curve)) {
    if (excess(b) < 0) continue;
    const share = -excess(a) / (excess(b) - excess(a));
    return taken(a) + share * (taken(b) - taken(a));
  }
  return 1;
}
