// Boxes out of logits: scores over all classes and the background, suppression within a class, the picture's edges.
import { describe, expect, it } from 'vitest';
import { foundBoxes, resultOptions } from '../../../src/models/remoteclip-detector/results';

const size = { width: 200, height: 100 };
const boxes = [0.5, 0.5, 0.2, 0.4, 0.5, 0.5, 0.2, 0.4, 0.05, 0.1, 0.2, 0.4];
const logits = [3, 0, 0, 2, 2, 0, 0, 0, 9];

describe('foundBoxes', () => {
  it('scores by the softmax, drops what overlaps a better one of its class, and stays within the picture', () => {
    const found = foundBoxes({ logits, boxes, queries: 3, classes: 2 }, 0, size, { ...resultOptions, minScore: 0.1 });
    const [best, other] = found;
    expect(found).toHaveLength(2);
    expect(best!.score).toBeCloseTo(Math.exp(3) / (Math.exp(3) + 2), 9);
    [80, 30, 120, 70].forEach((side, k) => expect(best!.box[k]).toBeCloseTo(side, 9));
    expect(other!.category).toBe(1);
    expect(other!.score).toBeCloseTo(Math.exp(2) / (2 * Math.exp(2) + 1), 9);
    const all = foundBoxes({ logits, boxes, queries: 3, classes: 2 }, 0, size, { ...resultOptions, minScore: 0 });
    const edge = all.find(({ box }) => box[0] === 0)!;
    expect([edge.box[0], edge.box[1]]).toEqual([0, 0]);
    expect(foundBoxes({ logits, boxes, queries: 3, classes: 2 }, 0, size, { ...resultOptions, most: 1 })).toHaveLength(
      1,
    );
  });
});
