// Reports say what was changed, how each epoch changed the metric, and what the run cost.
import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/runs/report';
import { runJson } from '../../src/runs/runJson';
import { sampleRecord, sampleSummary } from './sampleRecord';

const seedValues = [32.57, 28.87, 24.94, 22.53, 22.07];
const seedLosses = [0.064007, 0.057652, 0.050462, 0.043559, 0.040167];

/** The pose report that this project started from, as recorded metrics. */
const seedRun = sampleRecord({
  epochs: seedValues.map((mpjpe, i) => ({
    epoch: i + 1,
    step: (i + 1) * 2219,
    trainLoss: seedLosses[i]!,
    metrics: { mpjpe },
    seconds: 250,
    best: true,
  })),
  best: { epoch: 5, value: 22.07 },
  summary: sampleSummary({ after: 22.07, metricsAfter: { mpjpe: 22.07 } }),
});

describe('the report', () => {
  it('has a row per epoch with its change', () => {
    const lines = reportMarkdown(seedRun, { units: { mpjpe: 'mm' } }).split('\n');
    expect(lines).toContain('| Epoch | Training loss | mpjpe | Change | Time (s) | Best |');
    expect(lines).toContain('| before |  | 312.49 |  |  |  |');
    expect(lines).toContain('| 1 | 0.064007 | 32.57 | −279.92 (−89.6 %) | 250.0 |  |');
    expect(lines).toContain('| 2 | 0.057652 | 28.87 | −3.7 (−11.4 %) | 250.0 |  |');
    expect(lines).toContain('| 5 | 0.040167 | 22.07 | −0.46 (−2.0 %) | 250.0 | ★ |');
    expect(lines).toContain('Best epoch: **5**, mpjpe 22.07 mm. Best 22.07 mm, last 22.07 mm.');
    expect(lines).toContain('| mpjpe | 312.49 mm | 22.07 mm |');
  });

  it('marks changed settings against the defaults', () => {
    const text = reportMarkdown(seedRun, { defaults: { epochs: 5, batch: 8, learningRate: 1e-4 } });
    expect(text).toContain('| epochs | **`3`** | `5` | Changed |');
    expect(text).toContain('| batch | `8` | `8` |  |');
  });

  it('tells speed, memory, adapter, baselines and tables', () => {
    const text = reportMarkdown(seedRun);
    for (const row of [
      '| Planned peak of GPU memory | 700.0 MiB |',
      '| Time per step, median (ms) | 23 |',
      '| Name | Acme Rocket 1 |',
      '| mean pose | 180.5 |',
      '| Walking | 20.1 |',
    ])
      expect(text).toContain(row);
  });

  it('speaks Chinese and uses the words that it is given', () => {
    const label = (name: string): string => (name === 'mpjpe' ? '平均关节误差' : name);
    const text = reportMarkdown(seedRun, { language: 'zh-CN', label });
    expect(text).toContain('| 轮次 | 训练损失 | 平均关节误差 | 变化 | 用时（秒） | 最佳 |');
    expect(text).toContain('最佳轮次：**5**');
  });

  it('names the checkpoint that the run started from', () => {
    const resized = { name: 'c', found: [2], wanted: [3] };
    const weights = {
      ...{ path: 'w.pth', format: 'pytorch', bytes: 9, group: '', otherGroups: [], passedOver: [] },
      ...{ matched: ['a', 'b'], reshaped: [resized], initial: ['d'], unused: [], wrongShape: [] },
    };
    expect(reportMarkdown(sampleRecord({ weights }))).toContain(
      '| Starts from | w.pth: 2 weights matched, 1 resized, 1 not in the file, 0 of another shape, 0 of the file unused |',
    );
    expect(reportMarkdown(seedRun)).not.toContain('Starts from');
  });

  it('lists what was changed while it trained', () => {
    const changes = [{ step: 120, key: 'learningRate', from: 1e-4, to: 5e-5 }];
    const text = reportMarkdown(sampleRecord({ changes }), {
      label: (name) => (name === 'learningRate' ? 'Rate' : name),
    });
    expect(text).toContain('## Changed on the way');
    expect(text).toContain('| 120 | Rate | 0.0001 | 0.00005 |');
    expect(reportMarkdown(seedRun)).not.toContain('Changed on the way');
  });

  it('can be written before the run has ended, and keeps tables whole', () => {
    const unfinished = sampleRecord({
      summary: null,
      best: null,
      epochs: [],
      metricsBefore: {},
      baselines: {},
      dataName: 'a | b\nc',
    });
    const text = reportMarkdown(unfinished);
    expect(text).toContain('No epoch has been validated.');
    expect(text).toContain('| Data | a \\| b c |');
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('NaN');
  });

  it('leaves a gap for epochs without validation', () => {
    const record = sampleRecord({
      epochs: seedRun.epochs.map((epoch) => (epoch.epoch === 2 ? { ...epoch, metrics: {} } : epoch)),
    });
    const lines = reportMarkdown(record).split('\n');
    expect(lines).toContain('| 2 | 0.057652 | – |  | 250.0 | ★ |');
    expect(lines).toContain('| 3 | 0.050462 | 24.94 | −7.63 (−23.4 %) | 250.0 |  |');
  });
});

describe('the figures as JSON', () => {
  it('hold the fields that scripts read', () => {
    expect(runJson(seedRun)).toEqual({
      name: 'quiet-heron',
      task: 'pose',
      adapter: 'Acme Rocket 1',
      metric: { name: 'mpjpe', before: 312.49, after: 22.07 },
      best: { epoch: 5, value: 22.07 },
      epochs: seedRun.epochs,
      seconds: 754.2,
      steps: 300,
      skippedSteps: 0,
      stepMilliseconds: 23,
      compileMilliseconds: 1834.2,
      dispatchesPerStep: 412,
      plannedPeakBytes: 734_003_200,
      livePeakBytes: 720_000_000,
      baseline: { 'mean pose': 180.5 },
    });
  });

  it('say null where a run that has not ended cannot know', () => {
    const figures = runJson(sampleRecord({ summary: null }));
    expect(figures).toMatchObject({ adapter: null, livePeakBytes: null, stepMilliseconds: null, seconds: 754 });
    expect(figures.metric).toEqual({ name: 'mpjpe', before: 312.49, after: 22.53 });
    expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
  });
});
