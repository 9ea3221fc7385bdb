// A TrainApi without a GPU, for tests of the page: it sends the events of a made-up run and obeys pause, step and stop.
import { UserError } from '../../src/errors';
import type { Settings } from '../../src/models/settings';
import type { Task } from '../../src/models/task';
import type {
  AdapterReport,
  Forecast,
  ErrorReport,
  PlanReport,
  RunConfig,
  RunEvent,
  RunRecord,
  RunSummary,
  StepRecord,
} from '../../src/training/protocol';
import type { DataFile } from '../../src/formats/dataFile';
import type { DataReport } from '../../src/annotations/dataReport';
import type { DataSource } from '../../src/annotations/dataSource';
import type { KeptFramesReport } from '../../src/frames/videoStore';
import type {
  JudgeConfig,
  JudgeEvent,
  WeightChoice,
  WeightsSaid,
  WorkerApi,
} from '../../src/training/judging/judgeProtocol';
import type { WeightReport } from '../../src/training/weights/weightReport';
import { findTask } from '../../src/ui/tasks';
import { fakeJudge, fakeSaid } from './fakeJudge';
import { fakeEpoch, fakeMetrics, fakeStep } from './fakeRun';
import { fakeViewOf } from './fakeView/fakeView';
import { Gates, type Held } from './gates';

const adapter: AdapterReport = {
  vendor: 'example',
  architecture: 'made-up-1',
  description: 'Example GPU 3000',
  software: false,
  features: ['shader-f16', 'subgroups', 'timestamp-query'],
  limits: { maxBufferSize: 268435456, maxStorageBufferBindingSize: 134217728, maxComputeInvocationsPerWorkgroup: 256 },
  gigaflops: 1843,
};

const plan: PlanReport = {
  parameters: 16_247_251,
  trainableParameters: 14_668_243,
  dispatchesPerStep: 312,
  pipelines: 58,
  plannedPeakBytes: 412 * 1024 * 1024,
  compileMilliseconds: 1830,
  gigaflopsPerStep: 48.2,
  blocks: 2,
  recomputedBlocks: 0,
  precision: 'f32',
  judges: 'raw',
};

const report: DataReport = {
  found: 26,
  usable: 24,
  problems: [
    { path: 'walks/broken.bvh', code: 'bvh-cut', message: 'The file ends in the middle of frame 118.', detail: {} },
    { path: 'walks/notes.bvh', code: 'bvh-no-joints', message: 'No skeleton is described in this file.', detail: {} },
  ],
  counts: { 'train clips': 5120, 'validation clips': 1204, frames: 61_440 },
  groups: { Walking: 2210, Waving: 1804, Jumping: 1106 },
};

const framesReport: KeptFramesReport = {
  videos: 40,
  kept: 40,
  foundBytes: 0,
  writtenBytes: 812 * 1024 * 1024,
  memoryBytes: 0,
  removedBytes: 96 * 1024 * 1024,
  files: ['a', 'b'],
};

function weightReport(files: readonly DataFile[]): WeightReport {
  return {
    path: files[0]!.path,
    format: 'safetensors',
    bytes: files[0]!.blob.size,
    group: 'state_dict_ema',
    otherGroups: ['state_dict'],
    matched: Array.from({ length: 312 }, (_, i) => `blocks.${i >> 1}.${i % 2 ? 'bias' : 'weight'}`),
    reshaped: [{ name: 'pos_embed', found: [1, 197, 768], wanted: [1, 401, 768] }],
    initial: ['head.weight', 'head.bias'],
    unused: [],
    wrongShape: [{ name: 'fc.weight', found: [400, 768], wanted: [20, 768] }],
    passedOver: ['argparse.Namespace'],
  };
}

export interface FakeOptions {
  /** Milliseconds that one step takes. */
  readonly pace?: number;
  readonly failAt?: number;
  readonly software?: boolean;
  readonly noAdapter?: boolean;
  /** What waits until it is let go. */
  readonly held?: readonly Held[];
  /** Bytes that the device binds of the largest tensor, which takes a MiB for each clip of the batch and frame. */
  readonly bindableBytes?: number;
  /** The run tells of frames that it kept. */
  readonly frames?: boolean;
  /** There is room for no checkpoint. */
  readonly full?: boolean;
  /** Steps at which the GPU is lost, once each; at the third the run ends. */
  readonly lostAt?: readonly number[];
}

const stepsPerEpoch = 60;
const worst = ({ metric }: Task) => (metric.better === 'lower' ? 1e9 : -1e9);
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class FakeTrain implements WorkerApi {
  readonly records = new Map<string, RunRecord>();
  /** What their views drew. */
  readonly views = new Map<string, Record<string, unknown>>();
  /** What runs were started with, the latest last. */
  readonly configs: RunConfig[] = [];
  /** What files were judged with, the latest last. */
  readonly judged: JudgeConfig[] = [];
  #judging = false;
  readonly #options: FakeOptions;
  #wish: 'run' | 'pause' | 'stop' = 'run';
  #single = 0;
  readonly gates: Gates;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.gates = new Gates(options.held);
  }

  async adapter(): Promise<AdapterReport> {
    await sleep(50);
    await this.gates.pass('adapter');
    if (this.#options.noAdapter) throw new UserError('no-adapter', 'The browser offers no graphics adapter.');
    return { ...adapter, software: this.#options.software ?? false };
  }

  async check(
    _task: string,
    data: DataSource,
    _settings: Settings,
    onProgress?: (done: number, total: number) => void,
  ): Promise<DataReport> {
    for (let done = 0; done <= 26; done += 2) {
      onProgress?.(done, 26);
      await sleep(20);
      if (done === 12) await this.gates.pass('reading');
    }
    if (data.kind !== 'files' || !data.files.some(({ path }) => path.endsWith('gbk.json'))) return report;
    const repaired = data.repairText === true;
    const state = repaired ? 'is read as such' : 'can be repaired';
    const message = `This text is written in GBK, which ${state} (gbk.json).`;
    const problem = { path: 'gbk.json', code: 'text-gbk', message, detail: { path: 'gbk.json', repaired } };
    return { ...report, problems: [problem], groups: { [repaired ? '跳远' : 'ÌøÔ¶']: 9 } };
  }

  async forecast(_task: string, settings: Settings): Promise<Forecast> {
    await sleep(1);
    const misfit = this.#misfit(settings);
    if (misfit !== null) throw new UserError(misfit.code, misfit.message, misfit.detail);
    const bytes = 412 * 2 ** 20;
    return { bytes, largestBufferBytes: bytes / 4, gigaflopsPerStep: 48.2, stepsPerEpoch };
  }

  matchWeights(): Promise<WeightReport | null> {
    return Promise.resolve(null);
  }

  async sizeDemo() {
    await this.gates.pass('adapter');
    await sleep(300);
    return { preset: 'demo', settings: { epochs: 6, batch: 32 } };
  }

  start(config: RunConfig, onEvent: (event: RunEvent) => void): Promise<void> {
    return this.#run(config, onEvent, 0);
  }

  resume(config: RunConfig, onEvent: (event: RunEvent) => void): Promise<void> {
    return this.#run(config, onEvent, this.records.get(config.runId)?.step ?? 0);
  }

  async pause(): Promise<void> {
    this.#wish = 'pause';
    await sleep(30);
  }

  async unpause(): Promise<void> {
    this.#wish = 'run';
    await sleep(1);
  }

  async step(): Promise<void> {
    this.#single++;
    await sleep(30);
  }

  async stop(): Promise<void> {
    this.#wish = 'stop';
    await sleep(30);
  }

  async set(): Promise<void> {
    await sleep(1);
  }

  async exportWeights(_runId: string, _which: string, format?: string): Promise<Blob> {
    await sleep(1);
    return new Blob([format ?? '']);
  }

  async inspectWeights(weights: WeightChoice): Promise<WeightsSaid> {
    await sleep(1);
    const said = fakeSaid(weights);
    if (said !== null) return said;
    throw new UserError('weights-unknown', 'This is no .safetensors, .pth, .pt or .npz file', { path: 'notes.txt' });
  }

  async judge(config: JudgeConfig, onEvent: (event: JudgeEvent) => void): Promise<void> {
    this.judged.push(config);
    this.#judging = true;
    await fakeJudge(config, onEvent, async () => {
      await sleep(5 * (this.#options.pace ?? 4));
      return this.#judging;
    });
  }

  async stopJudging(): Promise<void> {
    this.#judging = false;
    await sleep(1);
  }

  async #run(config: RunConfig, send: (event: RunEvent) => void, from: number): Promise<void> {
    this.configs.push(config);
    const task = findTask(config.task)!;
    const viewAt = (await fakeViewOf(config.task))?.viewAt ?? (() => null);
    const start = fakeMetrics(task, 0);
    const pace = this.#options.pace ?? 4;
    const epochs = Number(config.settings['epochs']);
    const total = epochs * stepsPerEpoch;
    const steps: StepRecord[] = Array.from({ length: from }, (_, i) => fakeStep(i + 1, stepsPerEpoch));
    const epochRecords = Array.from({ length: Math.floor(from / stepsPerEpoch) }, (_, i) =>
      fakeEpoch(task, i + 1, (i + 1) * stepsPerEpoch, worst(task)),
    );
    let best = { epoch: 0, value: worst(task) };
    this.#wish = 'run';
    const views: Record<string, unknown> = { before: viewAt(0), after: viewAt(1) };
    this.views.set(config.runId, views);
    send({ type: 'state', state: 'preparing' });
    for (let done = 0; done <= 8; done++) {
      send({ type: 'prepare', done, total: 8, what: 'making clips' });
      await sleep(pace * 10);
    }
    send({ type: 'data', report });
    if (this.#options.frames) send({ type: 'frames', report: framesReport });
    const baselines = { guess: start[task.metric.name]! };
    send({ type: 'baseline', name: 'guess', value: baselines.guess });
    send({ type: 'state', state: 'compiling' });
    const misfit = this.#misfit(config.settings);
    if (misfit !== null) {
      send({ type: 'failed', error: misfit });
      return;
    }
    for (let done = 0; done <= 58; done += 2) {
      send({ type: 'compile', what: 'kernels', done, total: 58 });
      await sleep(pace * 3);
    }
    if (config.weights) send({ type: 'weights', report: weightReport(config.weights) });
    send({ type: 'plan', plan, adapter, steps: total, stepsPerEpoch });
    send({ type: 'before', metrics: start });
    send({ type: 'view', moment: 'before', weights: 'raw', payload: viewAt(0) });
    send({ type: 'state', state: 'running' });
    for (let step = from + 1; step <= total; step++) {
      if (step === this.#options.failAt) {
        const message = 'gradient of softmax: inner sizes differ, [8, 384] x [256, 384]';
        send({
          type: 'failed',
          error: { kind: 'bug', code: 'bug', message, detail: {}, stack: 'Error: …\n    at softmax' },
        });
        return;
      }
      if (this.#options.lostAt?.includes(step)) {
        const times = this.#options.lostAt.indexOf(step) + 1;
        if (times === 3) {
          const detail = { times, minutes: 10 };
          const message = 'The GPU was lost 3 times within 10 minutes, so this run was ended.';
          const error = { kind: 'device-lost', code: 'device-lost-often', message, detail, stack: '' } as const;
          send({ type: 'failed', error });
          return;
        }
        const message = `The GPU was lost. A new one is being opened; training goes on from step ${step}.`;
        send({ type: 'notice', code: 'device-lost', message, detail: { step } });
      }
      await this.#obey(send);
      if (this.#stopping()) break;
      const record = fakeStep(step, stepsPerEpoch);
      steps.push(record);
      send({ type: 'steps', records: [record], secondsLeft: (total - step) * 0.024 });
      if (step % stepsPerEpoch === 0) {
        const epoch = fakeEpoch(task, step / stepsPerEpoch, step, best.value);
        const value = epoch.metrics[task.metric.name]!;
        if (epoch.best) best = { epoch: epoch.epoch, value };
        epochRecords.push(epoch);
        send({ type: 'state', state: 'evaluating' });
        await sleep(pace * 10);
        send({ type: 'epoch', record: epoch, best });
        send({ type: 'view', moment: 'now', weights: 'raw', payload: viewAt(step / total) });
        send({ type: 'checkpoint', step, bytes: 41_943_040, ...(this.#options.full && { held: true }) });
        send({ type: 'state', state: 'running' });
      }
      await sleep(pace);
    }
    send({ type: 'view', moment: 'after', weights: 'raw', payload: viewAt(1) });
    const summary: RunSummary = {
      reason: this.#stopping() ? 'stopped' : 'all-epochs',
      metricName: task.metric.name,
      before: start[task.metric.name]!,
      after: (epochRecords.at(-1)?.metrics ?? start)[task.metric.name]!,
      best,
      baselines,
      metricsBefore: start,
      metricsAfter: epochRecords.at(-1)?.metrics ?? {},
      tables: { group: { Walking: 41.2, Waving: 52.8, Jumping: 60.1 } },
      seconds: 8.4,
      steps: steps.length,
      stepMilliseconds: 24,
      livePeakBytes: 409 * 1024 * 1024,
      plan,
      adapter,
    };
    this.records.set(config.runId, recordOf(config, steps, epochRecords, best, summary));
    send({ type: 'finished', summary });
    send({ type: 'state', state: 'finished' });
  }

  #misfit(settings: Settings): ErrorReport | null {
    const bytes = Number(settings['batch']) * Number(settings['segments'] ?? settings['frames']) * 2 ** 20;
    const limit = this.#options.bindableBytes ?? Infinity;
    if (!(bytes > limit)) return null;
    const message = `stem: a tensor needs ${bytes} bytes, and this device binds at most ${limit}.`;
    return { kind: 'user', code: 'tensor-too-large', message, detail: { path: 'stem', bytes, limit }, stack: '' };
  }

  #waiting(): boolean {
    return this.#wish === 'pause' && this.#single === 0;
  }

  #stopping(): boolean {
    return this.#wish === 'stop';
  }

  async #obey(send: (event: RunEvent) => void): Promise<void> {
    if (this.#wish !== 'pause') return;
    send({ type: 'state', state: 'paused' });
    while (this.#waiting()) await sleep(10);
    if (this.#single > 0) this.#single--;
    else send({ type: 'state', state: 'running' });
  }
}

export function recordOf(
  config: RunConfig,
  steps: readonly StepRecord[],
  epochs: RunRecord['epochs'],
  best: RunRecord['best'],
  summary: RunSummary | null,
): RunRecord {
  return {
    runId: config.runId,
    name: config.name,
    task: config.task,
    preset: config.preset,
    dataName: config.data.kind === 'demo' ? 'demo' : config.data.name,
    dataKind: config.data.kind,
    ...(config.data.kind === 'files' && config.data.folder && { folder: config.data.folder }),
    settings: config.settings,
    createdAt: Date.now(),
    updatedAt: Date.now(),
    state: summary === null ? 'paused' : 'finished',
    step: steps.length,
    epoch: epochs.length,
    steps,
    epochs,
    baselines: {},
    metricsBefore: {},
    best,
    summary,
    bytes: 125_829_120,
  };
}
