// The balanced sampler: equal classes, the same draws for the same epoch.
import { describe, expect, it } from 'vitest';
import { balancedChances, balancedOrder, drawClip } from '../../src/samples/balancedSampler';

const labels = Array.from({ length: 18_000 }, (_, i) => (i < 3000 ? 0 : 1));

describe('balancedOrder', () => {
  it('takes each class half of the time', () => {
    const order = balancedOrder(labels, 7, 1);
    expect(order).toHaveLength(labels.length);
    const second = order.filter((clip) => labels[clip] === 1).length;
    // A binomial count: five standard deviations.
    expect(Math.abs(second - labels.length / 2)).toBeLessThan(5 * Math.sqrt(labels.length / 4));
  });

  it('depends on seed and epoch alone', () => {
    expect(balancedOrder(labels, 7, 2)).toEqual(balancedOrder(labels, 7, 2));
    expect(balancedOrder(labels, 7, 3)).not.toEqual(balancedOrder(labels, 7, 2));
  });

  it('draws clips of the only class evenly', () => {
    expect(balancedChances([1, 1, 1, 1])).toEqual(Float64Array.of(0.25, 0.5, 0.75, 1));
  });
});

describe('drawClip', () => {
  it('takes the clip after the one whose share ends exactly at the draw', () => {
    const cumulative = Float64Array.of(0.25, 0.5, 1);
    expect([0, 0.25, 0.49, 0.5, 0.999].map((u) => drawClip(cumulative, u))).toEqual([0, 1, 1, 2, 2]);
  });
});
