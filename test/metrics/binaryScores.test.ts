// Scores of two classes: ties, one class only, thresholds, and clips that make up videos.
import { describe, expect, it } from 'vitest';
import { binaryScores, confusionAt } from '../../src/metrics/binaryScores';
import { rocCurve, type Judged } from '../../src/metrics/rocCurve';
import { videoScores } from '../../src/metrics/videoScores';

const judge = (positives: readonly number[], negatives: readonly number[]): Judged[] => [
  ...positives.map((score) => ({ score, positive: true })),
  ...negatives.map((score) => ({ score, positive: false })),
];

describe('binaryScores', () => {
  it('counts a tie of a positive and a negative as half a pair', () => {
    expect(binaryScores(judge([0.7, 0.4], [0.4, 0.1])).auc).toBe((1 + 1 + 0.5 + 1) / 4);
  });

  it('agrees with counting all pairs', () => {
    const positives = Array.from({ length: 37 }, (_, i) => ((i * 29) % 11) / 10);
    const negatives = Array.from({ length: 23 }, (_, i) => ((i * 17) % 9) / 10);
    const pairs = positives.flatMap((a) => negatives.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
    const share = pairs.reduce((sum: number, one) => sum + one, 0) / pairs.length;
    expect(binaryScores(judge(positives, negatives)).auc).toBeCloseTo(share, 12);
  });

  it('leaves open what one class alone cannot say', () => {
    const { auc, equalErrorRate, balancedAccuracy, accuracy } = binaryScores(judge([0.2, 0.6, 0.9], []));
    expect([auc, equalErrorRate, balancedAccuracy]).toEqual([null, null, null]);
    expect(accuracy).toBeCloseTo(2 / 3);
  });

  it('weighs precision by the recall that is won, ties together', () => {
    // Thresholds 0.9: 1 of 1; 0.5: 2 of 4.
    expect(binaryScores(judge([0.9, 0.5], [0.5, 0.5])).averagePrecision).toBeCloseTo(0.5 * 1 + 0.5 * 0.5, 12);
  });

  it('finds the equal error between two points of the curve', () => {
    // From (0, 1/2) to (1, 1): x = 1 − (1/2 + x / 2) at 1/3.
    expect(binaryScores(judge([0.9, 0.5], [0.5])).equalErrorRate).toBeCloseTo(1 / 3, 12);
    expect(binaryScores(judge([0.1], [0.9])).equalErrorRate).toBe(1);
    expect(binaryScores(judge([0.9], [0.1])).equalErrorRate).toBe(0);
  });

  it('takes the threshold itself as positive and a missing score as undecided', () => {
    expect(confusionAt(judge([0.5, 0.4], [0.5]), 0.5)).toEqual({
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 0,
      falseNegatives: 1,
    });
    expect(binaryScores(judge([NaN], [-3])).confusion.truePositives).toBe(1);
  });

  it('has an F1 of 0 where nothing is found', () => {
    expect(binaryScores(judge([0.1], [0.2])).f1).toBe(0);
    expect(binaryScores([]).f1).toBe(0);
  });
});

describe('rocCurve', () => {
  it('has one point per distinct score and starts with nothing taken', () => {
    const { points } = rocCurve(judge([0.5, 0.5], [0.5, 0.2]));
    expect(points).toEqual([
      { threshold: Infinity, truePositives: 0, falsePositives: 0 },
      { threshold: 0.5, truePositives: 2, falsePositives: 1 },
      { threshold: 0.2, truePositives: 2, falsePositives: 2 },
    ]);
  });
});

describe('videoScores', () => {
  const clips = [
    { video: 'b', score: 0.2, positive: false },
    { video: 'a', score: 0.9, positive: true },
    { video: 'b', score: NaN, positive: false },
    { video: 'a', score: 0.3, positive: true },
  ];

  it('averages the clips of a video, the undecided ones as a half', () => {
    expect(videoScores(clips).map(({ video, score }) => [video, score])).toEqual([
      ['b', 0.35],
      ['a', 0.6],
    ]);
  });

  it('takes the largest on request', () => {
    expect(videoScores(clips, 'max').map(({ score }) => score)).toEqual([0.5, 0.9]);
  });
});
