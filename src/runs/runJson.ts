// A run's figures as plain JSON, for scripts and for comparing runs.
import type { EpochRecord, RunRecord } from '../training/protocol';
import { adapterName, skippedSteps } from './report';

export interface RunFigures {
  readonly name: string;
  readonly task: string;
  readonly adapter: string | null;
  readonly metric: { readonly name: string; readonly before: number | null; readonly after: number | null };
  readonly best: { readonly epoch: number; readonly value: number } | null;
  readonly epochs: readonly EpochRecord[];
  readonly seconds: number;
  readonly steps: number;
  /** Steps that loss scaling left out. */
  readonly skippedSteps: number;
  /** Median. */
  readonly stepMilliseconds: number | null;
  readonly compileMilliseconds: number | null;
  readonly dispatchesPerStep: number | null;
  readonly plannedPeakBytes: number | null;
  readonly livePeakBytes: number | null;
  readonly baseline: Readonly<Record<string, number>>;
}

/** What a run that has not ended cannot know is null, as is every number that is not finite. */
export function runJson(record: RunRecord): RunFigures {
  const { summary, metricsBefore, epochs } = record;
  const validated = epochs.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const name = summary?.metricName ?? Object.keys(metricsBefore)[0] ?? '';
  return {
    name: record.name,
    task: record.task,
    adapter: summary && adapterName(summary.adapter),
    metric: {
      name,
      before: finite(summary?.before ?? metricsBefore[name]),
      after: finite(summary ? summary.after : validated.at(-1)?.metrics[name]),
    },
    best: record.best,
    epochs,
    seconds: summary?.seconds ?? epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
    steps: record.step,
    skippedSteps: skippedSteps(record),
    stepMilliseconds: finite(summary?.stepMilliseconds),
    compileMilliseconds: finite(summary?.plan.compileMilliseconds),
    dispatchesPerStep: finite(summary?.plan.dispatchesPerStep),
    plannedPeakBytes: finite(summary?.plan.plannedPeakBytes),
    livePeakBytes: finite(summary?.livePeakBytes),
    baseline: record.baselines,
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
