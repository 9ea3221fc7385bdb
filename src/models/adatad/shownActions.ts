// Which of a video's candidates are shown with a threshold and a suppression that a person moves.
import type { DetectedAction } from '../../metrics/tadMap';
import { suppressSoftly } from './results';

/**
 * Suppresses overlaps class by class, Gaussian of width `sigma`, and keeps what still has at least `least`: best first.
 * With `sigma` 0 nothing is suppressed.
 */
export function shownActions(candidates: readonly DetectedAction[], sigma: number, least: number): DetectedAction[] {
  const likely = candidates.filter(({ score }) => score >= least);
  const labels = [...new Set(likely.map(({ label }) => label))];
  const kept = labels.flatMap((label) => {
    const own = likely.filter((one) => one.label === label);
    if (sigma <= 0) return own;
    const numbered = own.map(({ segment, score }) => ({ segment, score, label: 0 }));
    return suppressSoftly(numbered, sigma).map(({ segment, score }) => ({ segment, score, label }));
  });
  return kept.filter(({ score }) => score >= least).sort((a, b) => b.score - a.score);
}
