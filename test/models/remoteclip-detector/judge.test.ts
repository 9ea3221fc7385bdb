// What a validation pass of pictures is judged to be worth.
import { expect, it } from 'vitest';
import { boxConfusion, boxMetrics, pictureMetrics } from '../../../src/models/remoteclip-detector/judge';

const box = [10, 10, 50, 50] as const;
const far = [100, 100, 140, 140] as const;

it('counts a perfect detector as 1 and classes without boxes for nothing', () => {
  const pictures = [{ truth: [{ box, category: 0 }], found: [{ box, category: 0, score: 0.9 }] }];
  const { metrics, tables } = boxMetrics(pictures, ['ship', 'dam']);
  expect(metrics).toMatchObject({ 'mAP@50': 1, 'mAP@75': 1, 'mAP@50 (11 points)': 1, 'mAP@50:95 medium': 1 });
  expect(metrics).not.toHaveProperty('mAP@50:95 small');
  expect(tables).toEqual({ class: { ship: 1 } });
});

it('counts boxes on a picture without any as false', () => {
  const truth = [{ box, category: 0 }];
  const wrong = { truth: [], found: [{ box, category: 0, score: 0.95 }] };
  const { metrics } = boxMetrics([{ truth, found: [{ box, category: 0, score: 0.9 }] }, wrong], ['ship']);
  expect(metrics['mAP@50']).toBe(0.5);
});

it('says what was taken for what, what was missed and what is not there', () => {
  const pictures = [
    {
      truth: [
        { box, category: 0 },
        { box: far, category: 1 },
      ],
      found: [
        { box, category: 1, score: 0.9 },
        { box: [200, 200, 220, 220] as const, category: 0, score: 0.8 },
        { box: far, category: 1, score: 0.2 },
      ],
    },
  ];
  expect(boxConfusion(pictures, 2, 0.5)).toEqual([
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]);
});

it('ranks classes of whole pictures', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const judged = [
    { similarity: [0.5, 0.1, 0.1, 0.1, 0.1, 0.1], label: 0 },
    { similarity: [0.4, 0.3, 0.1, 0.1, 0.06, 0.04], label: 1 },
    { similarity: [0.4, 0.3, 0.1, 0.1, 0.06, 0.04], label: 5 },
  ];
  const { metrics, tables, confusion } = pictureMetrics(judged, names);
  expect(metrics['top-1']).toBeCloseTo(1 / 3);
  expect(metrics['top-5']).toBeCloseTo(2 / 3);
  expect(tables['class']).toEqual({ a: 1, b: 0, f: 0 });
  expect(confusion[5]).toEqual([1, 0, 0, 0, 0, 0]);
});
