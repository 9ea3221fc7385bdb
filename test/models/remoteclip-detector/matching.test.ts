// Which queries get which targets: pictures without any, more targets than queries.
import { describe, expect, it } from 'vitest';
import { assignTargets, matcherWeights, matchingCosts } from '../../../src/models/remoteclip-detector/matching';

const logits = [4, 0, 0, 0, 4, 0, 0, 0, 4, 4, 0, 0];
const boxes = [0.2, 0.2, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1];
const predicted = { logits, boxes, queries: 2, classes: 2 };

describe('assignTargets', () => {
  it('leaves pictures without targets to the background', () => {
    const { classes, boxes: targets } = assignTargets(predicted, [
      { classes: [], boxes: [] },
      { classes: [0], boxes: [0.8, 0.8, 0.1, 0.1] },
    ]);
    expect([...classes]).toEqual([2, 2, 2, 0]);
    expect([...targets.slice(12)]).toEqual([...Float32Array.of(0.8, 0.8, 0.1, 0.1)]);
  });

  it('leaves out what is dearest where there are more targets than queries', () => {
    const { classes } = assignTargets(predicted, [
      { classes: [1, 0, 1], boxes: [0.5, 0.9, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1] },
    ]);
    expect([...classes]).toEqual([0, 1]);
  });
});

describe('targets that several queries learn', () => {
  const copied = (count: number, targets: Parameters<typeof assignTargets>[1]) =>
    assignTargets({ ...predicted, logits: logits.concat(logits), boxes, queries: 4 }, targets, {
      ...{ ...matcherWeights, copies: count },
    });

  it('have as many as asked for, each with its own box', () => {
    const one = { classes: [1], boxes: [0.8, 0.8, 0.1, 0.1] };
    const { classes, boxes: targets } = copied(2, [one]);
    expect([...classes]).toEqual([2, 1, 2, 1]);
    expect([...targets.slice(12)]).toEqual([...Float32Array.from(one.boxes)]);
  });

  it('have fewer where hardly a query would be left without one', () => {
    const target = { classes: [0, 1, 0], boxes: [0.2, 0.2, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.5, 0.5, 0.1, 0.1] };
    expect([...copied(4, [target]).classes].sort()).toEqual([0, 0, 1, 2]);
  });
});

describe('a network that diverged', () => {
  it('still gets an assignment', () => {
    const { classes } = assignTargets({ ...predicted, logits: logits.map(() => NaN) }, [
      { classes: [0, 1], boxes: [0.2, 0.2, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1] },
    ]);
    expect([...classes].sort()).toEqual([0, 1]);
  });
});

describe('matchingCosts', () => {
  it('is probability, distance and overlap by their weights', () => {
    const [cost] = matchingCosts(predicted, 0, { classes: [0], boxes: [0.2, 0.2, 0.1, 0.1] });
    const probability = Math.exp(4) / (Math.exp(4) + 2);
    expect(cost).toBeCloseTo(-probability - 2 * (0.01 / (0.01 + 1e-6)), 9);
  });
});
