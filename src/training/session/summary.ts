// What remains to be said when a run has ended.
import { invariant } from '../../errors';
import { decidingMetric } from '../../metrics/decidingMetric';
import type { RunSummary, StepRecord } from '../protocol';
import type { RunContext } from './runContext';

export function summarize(run: RunContext): RunSummary {
  const { plan, adapter, ending, state, journal, evaluated } = run;
  invariant(plan && adapter && ending, 'a summary of a run that has not ended');
  const { baselines, metricsBefore } = journal.record;
  // A validation of former weights would pass for one of these.
  const after = evaluated?.step === state.step ? evaluated.evaluation : null;
  const metricsAfter = after?.metrics ?? {};
  return {
    reason: ending,
    metricName: decidingMetric(run.task.metric.name, { ...metricsBefore, ...metricsAfter }),
    before: run.decisive(metricsBefore),
    after: run.decisive(metricsAfter),
    best: { epoch: state.best?.epoch ?? 0, value: state.best?.value ?? NaN },
    baselines,
    metricsBefore,
    metricsAfter,
    tables: after?.tables ?? {},
    seconds: run.clock.seconds,
    steps: state.step,
    stepMilliseconds: medianMilliseconds(journal.steps),
    livePeakBytes: run.livePeakBytes,
    plan,
    adapter,
  };
}

/** The median time of a step, NaN when there was none. */
export function medianMilliseconds(steps: readonly StepRecord[]): number {
  const sorted = steps.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
