// Detection of actions in time: which detection finds which instance, and what the precision makes of it.
import { describe, expect, it } from 'vitest';
import { envelopePrecision } from '../../src/metrics/envelopePrecision';
import { actionMap, bestThreshold, temporalIou, type Action, type DetectedAction } from '../../src/metrics/tadMap';

const one = <A>(...actions: A[]): Map<string, A[]> => new Map([['a', actions]]);
const action = (start: number, end: number, label = 'jump'): Action => ({ segment: [start, end], label });
const detected = (score: number, start: number, end: number, label = 'jump'): DetectedAction => ({
  score,
  ...action(start, end, label),
});

describe('temporalIou', () => {
  it('measures overlap, and 0 where there is none or no length', () => {
    expect(temporalIou([0, 4], [1, 6])).toBeCloseTo(3 / 6, 12);
    expect(temporalIou([0, 1], [1, 2])).toBe(0);
    expect(temporalIou([1, 1], [1, 1])).toBe(0);
  });
});

describe('envelopePrecision', () => {
  it('takes the best precision from each recall on', () => {
    // Precisions 1, 1/2, 2/3, 3/4 at recalls 1/4, 1/4, 2/4, 3/4: the third's is lifted to 3/4.
    expect(envelopePrecision([true, false, true, true], 4)).toBeCloseTo((1 + 0.75 + 0.75) / 4, 12);
    expect(envelopePrecision([], 3)).toBe(0);
    expect(envelopePrecision([false, false], 3)).toBe(0);
  });
});

describe('actionMap', () => {
  it('finds each instance once, and the next best where the best is taken', () => {
    const truth = one(action(0, 10), action(2, 12));
    const both = actionMap(truth, one(detected(0.9, 0, 10), detected(0.8, 0, 10)), [0.5]);
    expect(both.map).toEqual([1]);
    const strict = actionMap(truth, one(detected(0.9, 0, 10), detected(0.8, 0, 10)), [0.7]);
    expect(strict.map).toEqual([0.5]);
  });

  it('counts a detection in a video without that action as false', () => {
    const found = new Map([
      ['b', [detected(0.9, 0, 10)]],
      ['a', [detected(0.8, 0, 10)]],
    ]);
    expect(actionMap(one(action(0, 10)), found, [0.5]).map).toEqual([0.5]);
  });

  it('averages over classes of the truth only', () => {
    const truth = one(action(0, 10), action(20, 30, 'run'));
    const { perClass, map, average } = actionMap(
      truth,
      one(detected(0.9, 0, 10), detected(0.9, 20, 30, 'sit')),
      [0.3, 0.7],
    );
    expect([...perClass]).toEqual([
      ['jump', [1, 1]],
      ['run', [0, 0]],
    ]);
    expect(map).toEqual([0.5, 0.5]);
    expect(average).toBe(0.5);
  });

  it('drops repeated instances and those without length from the truth', () => {
    const truth = one(action(0, 10), action(0.0005, 10), action(3, 3));
    expect(actionMap(truth, one(detected(0.9, 0, 10)), [0.5]).map).toEqual([1]);
  });

  it('gives 0 without truth', () => {
    expect(actionMap(new Map(), one(detected(1, 0, 1)), [0.5])).toMatchObject({ map: [0], average: 0 });
  });
});

describe('bestThreshold', () => {
  it('shows what helps more than it harms', () => {
    const truth = one(action(0, 10), action(20, 30, 'run'));
    const found = one(detected(0.9, 0, 10), detected(0.8, 50, 60), detected(0.7, 20, 30, 'run'), detected(0.2, 70, 80));
    expect(bestThreshold(truth, found)).toEqual({ score: 0.7, f1: 0.8, precision: 2 / 3, recall: 1 });
  });

  it('takes equal scores together, and gives nothing where nothing is found', () => {
    const equal = one(detected(0.5, 0, 10), detected(0.5, 40, 50));
    expect(bestThreshold(one(action(0, 10)), equal)).toMatchObject({ score: 0.5, precision: 0.5 });
    expect(bestThreshold(one(action(0, 10)), one(detected(0.5, 40, 50)))).toBeNull();
    expect(bestThreshold(new Map(), new Map())).toBeNull();
  });
});
