// A made-up task and a world around sessions that train it.
import { UserError } from '../../src/errors';
import { memoryCheckpoints, memoryRuns } from '../../src/runs/memoryStores';
import { stepDecay } from '../../src/optim/schedules';
import type { CheckpointStore } from '../../src/runs/checkpointStore';
import type { RunKeeper } from '../../src/runs/runStore';
import type { Progress } from '../../src/formats/progress';
import type { DataSource } from '../../src/annotations/dataSource';
import type { RunConfig, RunEvent, RunState } from '../../src/training/protocol';
import type { Settings } from '../../src/models/settings';
import type { Batch, Facts, PreparedData, TaskRuntime, Trainer } from '../../src/training/runtime';
import type { FrameTarget } from '../../src/frames/frameInput';
import type { Random } from '../../src/samples/random';
import type { CreateTrainer } from '../../src/training/trainer/createTrainer';
import { Session, type SessionTask } from '../../src/training/session/session';
import { sampleAdapter } from '../runs/sampleRecord';
import { clip, FakeDevice, FakeTrainer, take } from './fakeTrainer';

export const fakeSettings: Settings = {
  epochs: 4,
  batch: 4,
  learningRate: 0.05,
  seed: 7,
  validateEvery: 1,
  checkpointEvery: 3,
  earlyStopPatience: 0,
  earlyStopMinDelta: 0,
  timeLimitSeconds: 0,
};

export const fakeTask: SessionTask = {
  name: 'lines',
  metric: { name: 'error', unit: '', better: 'lower' },
  settings: [],
};

/** What a test lets go wrong, by the number of the call since the trainer was made. */
export interface Faults {
  /** Steps whose loss is not a number, once each. */
  notFiniteAt?: number[];
  /** Steps at which the device goes, once each. */
  loseDeviceAt?: number[];
  /** Predictions (counted over all trainers) at which the device goes. */
  loseDeviceAtPrediction?: number[];
  /** Called at each submitted step. */
  onStep?: (step: number) => void;
  /** Called when losses have come back. */
  onLosses?: () => void;
  onPrediction?: (count: number) => void;
  /** Milliseconds that a step takes on the fake clock. */
  stepMilliseconds?: number;
  /** True milliseconds that reading the losses takes. */
  waitMilliseconds?: number;
  /** Metrics to answer instead of the true ones, in order. */
  metrics?: number[];
  /** The loss of the first step that the trainer tells before it trains; none where left out. */
  foretold?: number;
  /** When predictions are ready; at once where left out. */
  predictsLater?: Promise<void>;
  /** What views draw. */
  view?: unknown;
  facts?: Facts;
  trainClips?: number;
  validationClips?: number;
  /** True milliseconds that staging a batch takes. */
  stageMilliseconds?: number;
  /** Batches (counted over training and validation) whose file cannot be read. */
  badFileAt?: number[];
  /** Instead of all clips shuffled. */
  trainOrder?: (seed: number, epoch: number) => Uint32Array;
}

/** A world around sessions: stores, a clock that the trainer moves, and everything that was said. */
export class FakeWorld {
  time = 0;
  predictions = 0;
  mostInFlight = 0;
  /** Batches that are staged and neither used nor released; only of trainers on the CPU. */
  staged = 0;
  mostStaged = 0;
  /** Batches that were begun to be read. */
  filesRead = 0;
  debug = false;
  faults: Faults = {};
  checkpoints: CheckpointStore = memoryCheckpoints();
  runs: RunKeeper = memoryRuns();
  events: RunEvent[] = [];
  source: DataSource = { kind: 'demo' };
  /** Files that new runs start from. */
  weights: RunConfig['weights'];
  /** Replaced by tests that train on a true device. */
  openDevice: () => Promise<GPUDevice> = () => Promise.resolve(this.newDevice());
  makeTrainer: ((device: GPUDevice, settings: Settings) => Promise<Trainer>) | null = null;
  readonly devices: FakeDevice[] = [];
  readonly trainers: FakeTrainer[] = [];
  /** The clips of each training batch, in order. */
  readonly batches: number[][] = [];
  /** The same of each validation batch. */
  readonly validationBatches: number[][] = [];

  session(settings: Settings = {}, resuming = false, task: SessionTask = fakeTask): Session {
    const config: RunConfig = {
      runId: 'run-1',
      name: 'quiet-heron',
      task: task.name,
      preset: 'tiny',
      data: this.source,
      settings: { ...fakeSettings, ...settings },
      ...(this.weights && { weights: this.weights }),
      ...(this.debug && { debug: true }),
    };
    const host = {
      openDevice: async () => ({ device: await this.openDevice(), adapter: sampleAdapter }),
      createTrainer: this.createTrainer,
      prepareData: (given: Settings, progress: Progress) => this.runtime().prepare(this.source, given, progress),
      checkpoints: this.checkpoints,
      runs: this.runs,
      emit: (event: RunEvent) => this.events.push(structuredClone(event)),
      now: () => this.time,
    };
    return new Session({ config, task, runtime: this.runtime(), host }, resuming);
  }

  newDevice(): GPUDevice {
    const device = new FakeDevice();
    this.devices.push(device);
    return device as unknown as GPUDevice;
  }

  of<T extends RunEvent['type']>(type: T): Extract<RunEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
  }

  get states(): RunState[] {
    return this.of('state').map(({ state }) => state);
  }

  /** Loss by step as the page draws it: a step that is repeated counts as it was the last time. */
  get curve(): Map<number, number> {
    return new Map(this.of('steps').flatMap(({ records }) => records.map(({ step, loss }) => [step, loss] as const)));
  }

  readonly createTrainer: CreateTrainer = ({ device, settings, progress }) => {
    progress?.('kernels', 1, 1);
    if (this.makeTrainer) return this.makeTrainer(device, settings);
    const trainer = new FakeTrainer(this, device as unknown as FakeDevice, settings);
    this.trainers.push(trainer);
    return Promise.resolve(trainer);
  };

  runtime(): TaskRuntime {
    return {
      prepare: (_data, _settings, progress) => {
        progress('clips', 1, 2);
        progress('clips', 2, 2);
        return Promise.resolve(this.#data());
      },
      model: () => {
        throw new Error('the fake trainer has no model');
      },
      learningRate: (step, stepsPerEpoch, _settings, base) =>
        stepDecay(base, 3, 0.9)(Math.floor((step - 1) / stepsPerEpoch)),
      sizeDemo: () => ({ preset: 'tiny', settings: {} }),
    };
  }

  /** Numbers that come the way of frames: later, and through a buffer of the GPU. */
  async #writeFrames(values: Float32Array<ArrayBuffer>, { device, buffers }: FrameTarget): Promise<void> {
    const { stageMilliseconds, badFileAt } = this.faults;
    this.filesRead += 1;
    if (take(badFileAt, this.filesRead)) throw new UserError('video-damaged', 'The file is damaged (b.mp4)');
    await (stageMilliseconds === undefined
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, stageMilliseconds)));
    device.queue.writeBuffer(buffers[0]!, 0, values);
  }

  #data(): PreparedData {
    const { faults } = this;
    const validationClips = faults.validationClips ?? 6;
    const first = 1000;
    const batchOf = (clips: readonly number[], random?: Random): Batch => {
      const values = clips.flatMap((i) => clip(i).input.map((x) => x + (random ? random() * 0.1 : 0)));
      const target = Float32Array.from(clips.map((i) => clip(i).target));
      return { input: { writeFrames: (to) => this.#writeFrames(Float32Array.from(values), to) }, target };
    };
    return {
      report: { found: 1, usable: 1, problems: [], counts: {}, groups: {} },
      facts: faults.facts ?? {},
      trainClips: faults.trainClips ?? 22,
      validationClips,
      ...(faults.trainOrder && { trainOrder: faults.trainOrder }),
      trainBatch: (clips, random) => {
        this.batches.push([...clips]);
        return batchOf(clips, random);
      },
      validationBatch: (clips) => {
        this.validationBatches.push([...clips]);
        return batchOf(clips.map((i) => first + i));
      },
      evaluate: (outputs) => {
        const errors = outputs.map((output, i) => Math.abs(output['line']![0]! - clip(first + i).target));
        const error = faults.metrics?.shift() ?? errors.reduce((sum, e) => sum + e, 0) / errors.length;
        return {
          metrics: { error, worst: Math.max(...errors) },
          tables: { clip: { first: errors[0]! } },
          view: faults.view ?? errors,
        };
      },
      baselines: () => Promise.resolve({ mean: 2.5 }),
    };
  }
}
