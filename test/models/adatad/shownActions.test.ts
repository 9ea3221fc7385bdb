// What is shown follows the threshold and the suppression.
import { describe, expect, it } from 'vitest';
import { shownActions } from '../../../src/models/adatad/shownActions';
import type { DetectedAction } from '../../../src/metrics/tadMap';

const candidates: readonly DetectedAction[] = [
  { segment: [0, 10], label: 'jump', score: 0.9 },
  { segment: [0.5, 10], label: 'jump', score: 0.8 },
  { segment: [0, 10], label: 'run', score: 0.7 },
  { segment: [20, 30], label: 'jump', score: 0.2 },
];

describe('actions that are shown', () => {
  it('lose what overlaps a better one of their class', () => {
    expect(shownActions(candidates, 0.7, 0.5).map(({ label, score }) => [label, score])).toEqual([
      ['jump', Math.fround(0.9)],
      ['run', Math.fround(0.7)],
    ]);
  });

  it('are all from the threshold on where nothing is suppressed', () => {
    expect(shownActions(candidates, 0, 0.5).map(({ score }) => score)).toEqual([0.9, 0.8, 0.7]);
    expect(shownActions(candidates, 0, 0)).toHaveLength(4);
  });
});
