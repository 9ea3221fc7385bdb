// A run record as a finished run leaves it, for tests of stores and reports.
import type { AdapterReport, PlanReport, RunRecord, RunSummary, StepRecord } from '../../src/training/protocol';

export function sampleSteps(count: number): StepRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    epoch: Math.floor(i / 100) + 1,
    learningRate: 1e-3 / (1 + i),
    loss: 1 / (i + 1),
    parts: { position: 0.75 / (i + 1), velocity: 0.25 / (i + 1) },
    milliseconds: 20 + (i % 7),
  }));
}

export const sampleAdapter: AdapterReport = {
  vendor: 'acme',
  architecture: 'rocket-1',
  description: 'Acme Rocket 1',
  software: false,
  features: ['shader-f16'],
  limits: { maxBufferSize: 268435456 },
  gigaflops: 1234.5,
};

export const samplePlan: PlanReport = {
  parameters: 16_247_251,
  trainableParameters: 16_247_251,
  dispatchesPerStep: 412,
  pipelines: 58,
  plannedPeakBytes: 734_003_200,
  compileMilliseconds: 1834.2,
  gigaflopsPerStep: 88.1,
  blocks: 2,
  recomputedBlocks: 0,
  precision: 'f32',
  judges: 'raw',
};

export function sampleSummary(change: Partial<RunSummary> = {}): RunSummary {
  return {
    reason: 'all-epochs',
    metricName: 'mpjpe',
    before: 312.49,
    after: 22.53,
    best: { epoch: 2, value: 22.07 },
    baselines: { 'mean pose': 180.5 },
    metricsBefore: { mpjpe: 312.49 },
    metricsAfter: { mpjpe: 22.53 },
    tables: { action: { Walking: 20.1, Sitting: 24.9 } },
    seconds: 754.2,
    steps: 300,
    stepMilliseconds: 23,
    livePeakBytes: 720_000_000,
    plan: samplePlan,
    adapter: sampleAdapter,
    ...change,
  };
}

export function sampleRecord(change: Partial<RunRecord> = {}): RunRecord {
  return {
    runId: 'run-1',
    name: 'quiet-heron',
    task: 'pose',
    preset: 'seed',
    dataName: 'walks',
    dataKind: 'files',
    settings: { epochs: 3, batch: 8, learningRate: 1e-4 },
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    updatedAt: Date.UTC(2026, 0, 2, 3, 20, 0),
    state: 'finished',
    step: 300,
    epoch: 3,
    steps: sampleSteps(10),
    epochs: [
      { epoch: 1, step: 100, trainLoss: 0.064007, metrics: { mpjpe: 32.57 }, seconds: 250, best: true },
      { epoch: 2, step: 200, trainLoss: 0.057652, metrics: { mpjpe: 22.07 }, seconds: 251, best: true },
      { epoch: 3, step: 300, trainLoss: 0.050462, metrics: { mpjpe: 22.53 }, seconds: 253, best: false },
    ],
    baselines: { 'mean pose': 180.5 },
    metricsBefore: { mpjpe: 312.49 },
    best: { epoch: 2, value: 22.07 },
    summary: sampleSummary(),
    bytes: 65_000_000,
    ...change,
  };
}
