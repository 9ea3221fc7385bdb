// What the demo prints and keeps of a run's events.
import { expect, test } from 'vitest';
import type { EpochRecord, RunSummary, StepRecord } from '../../src/training/protocol';
import { DemoRun } from '../../tools/demoRun';

function step(number: number, milliseconds: number): StepRecord {
  return { step: number, epoch: 1, learningRate: 1e-3, loss: 1, parts: {}, milliseconds };
}

function epoch(number: number, error: number): EpochRecord {
  return { epoch: number, step: number, trainLoss: 0.5, metrics: { mpjpe: error }, seconds: 1, best: false };
}

const plan = {
  parameters: 10,
  trainableParameters: 9,
  dispatchesPerStep: 8,
  pipelines: 5,
  plannedPeakBytes: 2 ** 20,
  compileMilliseconds: 300,
  gigaflopsPerStep: 1,
  blocks: 2,
  recomputedBlocks: 0,
  precision: 'f32',
  judges: 'raw',
} as const;
const summary: RunSummary = {
  reason: 'all-epochs',
  metricName: 'mpjpe',
  before: 300,
  after: 40,
  best: { epoch: 2, value: 40 },
  baselines: { meanPose: 200 },
  metricsBefore: {},
  metricsAfter: {},
  tables: {},
  seconds: 3,
  steps: 3,
  stepMilliseconds: 99,
  livePeakBytes: 7,
  plan,
  adapter: {
    vendor: 'mesa',
    architecture: '',
    description: 'llvmpipe',
    software: true,
    features: [],
    limits: {},
    gigaflops: 100,
  },
};

test('repeated epochs replace those seen before and the step time is the median', async () => {
  const lines: string[] = [];
  const run = new DemoRun('pose', { name: 'mpjpe', unit: 'mm' }, (line) => lines.push(line));
  run.apply({ type: 'plan', plan, adapter: summary.adapter, steps: 4, stepsPerEpoch: 2 });
  run.apply({ type: 'steps', records: [step(1, 900), step(2, 10), step(3, 20)], secondsLeft: 12 });
  run.apply({ type: 'epoch', record: epoch(1, 90), best: null });
  run.apply({ type: 'epoch', record: epoch(2, 60), best: null });
  run.apply({ type: 'epoch', record: epoch(2, 40), best: null });
  run.apply({ type: 'finished', summary });
  const result = run.result(await run.ended);
  expect(result.epochs.map((record) => record.metrics.mpjpe)).toEqual([90, 40]);
  expect(result.stepMilliseconds).toBe(20);
  expect(result.metric).toEqual({ name: 'mpjpe', before: 300, after: 40 });
  expect(result.baseline).toEqual({ meanPose: 200 });
  expect(lines).toContain('epoch 1/2  mpjpe 90.00 mm  loss 0.5000  12 s left');
});

test("a failed run ends with the page's sentence", async () => {
  const run = new DemoRun('pose', { name: 'mpjpe', unit: 'mm' }, () => undefined);
  const error = { kind: 'user', code: 'x', message: 'No file can be read.', detail: {}, stack: '' } as const;
  run.apply({ type: 'failed', error });
  await expect(run.ended).rejects.toThrow('No file can be read.');
});
