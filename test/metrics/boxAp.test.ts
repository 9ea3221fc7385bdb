// Detection metrics where nothing is recorded: sizes, empty sets, difficult and taken boxes.
import { describe, expect, it } from 'vitest';
import { areaRanges, cocoScores } from '../../src/metrics/cocoAp';
import type { JudgedPicture } from '../../src/metrics/judgedBoxes';
import { vocScores } from '../../src/metrics/vocAp';

const small = { box: [0, 0, 20, 20], category: 0 } as const;
const large = { box: [100, 100, 300, 300], category: 0 } as const;

describe('COCO', () => {
  it('leaves out boxes of other sizes, found or not', () => {
    const pictures: JudgedPicture[] = [{ truth: [small, large], found: [{ ...large, score: 0.9 }] }];
    expect(cocoScores(pictures, 1, { area: areaRanges.large }).averagePrecision).toBeCloseTo(1, 12);
    expect(cocoScores(pictures, 1, { area: areaRanges.small }).averagePrecision).toBe(0);
    expect(cocoScores(pictures, 1, { area: areaRanges.medium }).averagePrecision).toBeNull();
  });

  it('counts only the best detections of a picture', () => {
    const wrong = Array.from({ length: 3 }, () => ({ box: [400, 400, 500, 500], category: 0, score: 0.9 }) as const);
    const pictures: JudgedPicture[] = [{ truth: [small], found: [...wrong, { ...small, score: 0.1 }] }];
    expect(cocoScores(pictures, 1, { most: 3 }).averageRecall).toBe(0);
    expect(cocoScores(pictures, 1, { most: 4 }).averageRecall).toBe(1);
  });

  it('leaves a class without boxes out of the mean', () => {
    const pictures: JudgedPicture[] = [{ truth: [small], found: [{ ...small, score: 1 }] }];
    const { averagePrecision, precision } = cocoScores(pictures, 2);
    expect(averagePrecision).toBeCloseTo(1, 12);
    expect(precision[0]![1]).toBeNull();
  });
});

describe('VOC', () => {
  it('takes a second detection of a box for a mistake and ignores difficult ones', () => {
    const found = [
      { ...small, score: 0.9 },
      { ...small, score: 0.8 },
      { ...large, score: 0.7 },
    ];
    const easy: JudgedPicture[] = [{ truth: [small, large], found }];
    expect(vocScores(easy, 1, { threshold: 0.5 }).continuous).toBeCloseTo(0.5 + (0.5 * 2) / 3, 12);
    const difficult: JudgedPicture[] = [{ truth: [small, { ...large, difficult: true }], found }];
    expect(vocScores(difficult, 1, { threshold: 0.5 }).continuous).toBe(1);
  });

  it('says nothing of nothing', () => {
    expect(vocScores([{ truth: [], found: [] }], 1, { threshold: 0.5 }).continuous).toBeNull();
  });
});
