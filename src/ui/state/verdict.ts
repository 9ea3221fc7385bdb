// Whether a run's result is better or worse than before it, and than each baseline.
import type { RunSummary } from '../../training/protocol';

export interface Comparison {
  /** Name of the baseline; null for the untrained weights. */
  readonly than: string | null;
  readonly value: number;
  readonly better: boolean;
}

/** By the deciding metric, the untrained weights first; those without a number are left out. */
export function verdictOf(summary: RunSummary, better: 'lower' | 'higher'): readonly Comparison[] {
  const { after, before, baselines } = summary;
  if (!Number.isFinite(after)) return [];
  const all: [string | null, number][] = [[null, before], ...Object.entries(baselines)];
  return all
    .filter(([, value]) => Number.isFinite(value))
    .map(([than, value]) => ({ than, value, better: better === 'lower' ? after < value : after > value }));
}
