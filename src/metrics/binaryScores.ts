// How well scores in [0, 1] tell two classes apart, with a threshold and without one.
import { areaUnderRoc, averagePrecision, equalErrorRate, rocCurve, type Judged, type RocCurve } from './rocCurve';

/** Counts of what was said and what is true. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface BinaryScores {
  readonly curve: RocCurve;
  readonly confusion: Confusion;
  /** Null where a class is absent. */
  readonly auc: number | null;
  readonly averagePrecision: number | null;
  readonly equalErrorRate: number | null;
  readonly balancedAccuracy: number | null;
  readonly accuracy: number;
  /** Of the positives; 0 where nothing is positive and nothing is said to be. */
  readonly f1: number;
}

/** A score within [0, 1]; what is not a number says nothing either way. */
export function soundScore(score: number): number {
  return Number.isNaN(score) ? 0.5 : Math.min(1, Math.max(0, score));
}

/** Scores of `threshold` and above say positive. */
export function confusionAt(judged: readonly Judged[], threshold: number): Confusion {
  const count = (positive: boolean, said: boolean): number =>
    judged.filter((one) => one.positive === positive && one.score >= threshold === said).length;
  return {
    truePositives: count(true, true),
    falsePositives: count(false, true),
    trueNegatives: count(false, false),
    falseNegatives: count(true, false),
  };
}

/** All metrics of some clips or videos; scores are made sound first. */
export function binaryScores(judged: readonly Judged[], threshold = 0.5): BinaryScores {
  const sound = judged.map(({ score, positive }) => ({ score: soundScore(score), positive }));
  const curve = rocCurve(sound);
  const confusion = confusionAt(sound, threshold);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const { positives, negatives } = curve;
  const wrong = falsePositives + falseNegatives;
  return {
    curve,
    confusion,
    auc: areaUnderRoc(curve),
    averagePrecision: averagePrecision(curve),
    equalErrorRate: equalErrorRate(curve),
    balancedAccuracy:
      positives === 0 || negatives === 0 ? null : (truePositives / positives + trueNegatives / negatives) / 2,
    accuracy: sound.length === 0 ? 0 : (truePositives + trueNegatives) / sound.length,
    f1: truePositives === 0 ? 0 : (2 * truePositives) / (2 * truePositives + wrong),
  };
}
