// Made-up steps and epochs of a run of any task: the loss falls, the metrics get better.
import type { Task } from '../../src/models/task';
import type { EpochRecord, Metrics, StepRecord } from '../../src/training/protocol';

export function fakeStep(step: number, stepsPerEpoch: number): StepRecord {
  const loss = 0.02 + 0.3 * Math.exp(-step / 60) * (1 + 0.3 * Math.sin(step * 12.9898) * Math.cos(step * 4.1));
  return {
    step,
    epoch: Math.ceil(step / stepsPerEpoch),
    learningRate: 1e-3 * (0.5 + 0.5 * Math.cos((Math.PI * step) / (stepsPerEpoch * 6))),
    loss,
    parts: { main: loss * 0.8, rest: loss * 0.2 },
    milliseconds: 22 + 4 * Math.sin(step),
    gradientNorm: 0.4 + loss * (1 + 0.5 * Math.sin(step * 7.3)),
    waits: { data: 3 + Math.sin(step * 1.7), submit: 2, gpu: 16 + 3 * Math.sin(step) },
    heldBytes: 409 * 2 ** 20,
  };
}

/** Metrics of a task after an epoch: the first goes from bad to good, the others beside it. */
export function fakeMetrics(task: Task, epoch: number): Metrics {
  const error = 38 + 250 * Math.exp(-epoch / 1.4) + (epoch % 3 === 2 ? 9 : 0);
  const [first, ...others] = new Set([task.metric, ...task.metrics].map(({ name }) => name));
  const value = task.metric.better === 'lower' ? error : 1 - error / 640;
  return Object.fromEntries([[first!, value], ...others.map((name, i) => [name, value * (0.9 - 0.05 * i)] as const)]);
}

export function fakeEpoch(task: Task, epoch: number, step: number, best: number): EpochRecord {
  const metrics = fakeMetrics(task, epoch);
  const value = metrics[task.metric.name]!;
  const isBest = task.metric.better === 'lower' ? value < best : value > best;
  return { epoch, step, trainLoss: 0.05 + 0.3 * Math.exp(-epoch / 1.4), metrics, seconds: 1.4, best: isBest };
}
