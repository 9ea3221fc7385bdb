// A made-up task on the CPU: straight lines to learn, trained by momentum; every float is rounded as a GPU would.
import { UserError } from '../../src/errors';
import { memoryCheckpoints, memoryRuns } from '../../src/runs/memoryStores';
import { stepDecay } from '../../src/optim/schedules';
import type { CheckpointStore } from '../../src/runs/checkpointStore';
import type { RunKeeper } from '../../src/runs/runStore';
import type { DataSource } from '../../src/annotations/dataSource';
import type { RunConfig, RunEvent, RunState } from '../../src/training/protocol';
import type { Settings } from '../../src/models/settings';
import type {
  Batch,
  NamedTensor,
  Outputs,
  PreparedData,
  StagedBatch,
  StateTensor,
  StepLoss,
  TaskRuntime,
  Trainer,
  TrainerState,
} from '../../src/training/runtime';
import type { FrameTarget } from '../../src/frames/frameInput';
import type { Random } from '../../src/samples/random';
import { Session, type SessionTask } from '../../src/training/session/session';
import { sampleAdapter, samplePlan } from '../runs/sampleRecord';

const features = 4;

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
  trainClips?: number;
  validationClips?: number;
  /** True milliseconds that staging a batch takes. */
  stageMilliseconds?: number;
  /** Batches (counted over training and validation) whose file cannot be read. */
  badFileAt?: number[];
  /** Instead of all clips shuffled. */
  trainOrder?: (seed: number, epoch: number) => Uint32Array;
}

/** A device that a test can lose. */
export class FakeDevice extends EventTarget {
  lose!: () => void;
  readonly lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    this.lose = () => resolve({ reason: 'unknown', message: 'as the test wanted' } as GPUDeviceLostInfo);
  });
}

function clip(index: number): { input: number[]; target: number } {
  const input = Array.from({ length: features }, (_, i) => Math.sin(index * 12.9898 + i * 78.233));
  return { input, target: input.reduce((sum, value, i) => sum + value * (i + 1), 0.5) };
}

/** A batch whose arrays are there; counted by its world until it is used or released. */
class FakeStaged implements StagedBatch {
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly #world: FakeWorld;
  #held = true;

  constructor(world: FakeWorld, arrays: Readonly<Record<string, Float32Array>>) {
    this.#world = world;
    this.arrays = arrays;
    world.staged += 1;
    world.mostStaged = Math.max(world.mostStaged, world.staged);
  }

  /** Gives the arrays, once. */
  use(): Readonly<Record<string, Float32Array>> {
    if (!this.#held) throw new Error('a batch was used twice, or after its release');
    this.release();
    return this.arrays;
  }

  release(): void {
    if (this.#held) this.#world.staged -= 1;
    this.#held = false;
  }
}

class FakeTrainer implements Trainer {
  readonly plan = samplePlan;
  readonly batchSize: number;
  readonly livePeakBytes = 1000;
  disposed = false;
  /** How often the optimiser was made as new. */
  resets = 0;
  #weights = new Float32Array(features + 1);
  #momentum = new Float32Array(features + 1);
  #steps = 0n;
  #losses: StepLoss[] = [];
  /** Steps whose losses are being read. */
  #inFlight = 0;
  readonly #world: FakeWorld;
  readonly #device: FakeDevice;

  constructor(world: FakeWorld, device: FakeDevice, settings: Settings) {
    this.#world = world;
    this.#device = device;
    this.batchSize = Number(settings.batch);
    this.#weights.fill(0.25);
  }

  async stage(batch: Batch): Promise<StagedBatch> {
    const arrays: Record<string, Float32Array> = {};
    for (const [name, input] of Object.entries(batch)) {
      if (!('writeFrames' in input)) arrays[name] = input as Float32Array;
      else {
        const writeBuffer = (_buffer: GPUBuffer, _at: number, values: Float32Array) => (arrays[name] = values.slice());
        await input.writeFrames({ device: { queue: { writeBuffer } } } as unknown as FrameTarget);
      }
    }
    return new FakeStaged(this.#world, arrays);
  }

  train(batches: readonly StagedBatch[], step: number, learningRate: number): void {
    const { faults } = this.#world;
    this.#world.mostInFlight = Math.max(this.#world.mostInFlight, this.#inFlight + this.#losses.length + 1);
    faults.onStep?.(step);
    if (take(faults.loseDeviceAt, step)) this.#device.lose();
    const gradient = new Float32Array(features + 1);
    const clips = this.batchSize * batches.length;
    let loss = 0;
    for (const batch of batches) {
      const { input: inputs, target: targets } = use(batch) as {
        input: Float32Array;
        target: Float32Array;
      };
      for (let b = 0; b < this.batchSize; b += 1) {
        const input = inputs.subarray(b * features, (b + 1) * features);
        const error = Math.fround(this.#line(input) - targets[b]!);
        loss += error ** 2 / clips;
        for (let i = 0; i <= features; i += 1) gradient[i]! += (2 * error * (input[i] ?? 1)) / clips;
      }
    }
    for (let i = 0; i <= features; i += 1) {
      this.#momentum[i] = 0.9 * this.#momentum[i]! + gradient[i]!;
      this.#weights[i]! -= learningRate * this.#momentum[i]!;
    }
    this.#steps += 1n;
    loss = Math.fround(loss);
    if (take(faults.notFiniteAt, step)) {
      loss = NaN;
      this.#weights.fill(NaN);
    }
    this.#losses.push({ step, loss, parts: { square: loss }, finite: Number.isFinite(loss) });
  }

  async losses(): Promise<readonly StepLoss[]> {
    const losses = this.#losses;
    this.#losses = [];
    this.#inFlight += losses.length;
    this.#world.mostInFlight = Math.max(this.#world.mostInFlight, this.#inFlight);
    const { waitMilliseconds, stepMilliseconds = 10 } = this.#world.faults;
    await Promise.resolve();
    this.#world.time += stepMilliseconds * losses.length;
    if (waitMilliseconds !== undefined) await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
    this.#inFlight -= losses.length;
    this.#world.faults.onLosses?.();
    return losses;
  }

  async predict(batch: StagedBatch): Promise<Outputs> {
    const { faults } = this.#world;
    this.#world.predictions += 1;
    faults.onPrediction?.(this.#world.predictions);
    if (take(faults.loseDeviceAtPrediction, this.#world.predictions)) this.#device.lose();
    this.#world.time += 5;
    const inputs = use(batch)['input']!;
    await Promise.resolve();
    const part = (b: number): Float32Array => inputs.subarray(b * features, (b + 1) * features);
    return { line: Float32Array.from({ length: this.batchSize }, (_, b) => this.#line(part(b))) };
  }

  state(): TrainerState {
    const floats = (name: string, shape: readonly number[], values: Float32Array): StateTensor => ({
      ...{ name, dtype: 'F32', shape },
      read: (begin, end) => Promise.resolve(values.slice(begin, end)),
      write: (part, begin) => {
        values.set(part as Float32Array, begin);
        return Promise.resolve();
      },
    });
    const steps: StateTensor = {
      ...{ name: 'steps', dtype: 'I64', shape: [] },
      read: () => Promise.resolve(BigInt64Array.of(this.#steps)),
      write: ([value]) => Promise.resolve(void (this.#steps = BigInt(value!))),
    };
    return {
      weights: [
        floats('line.weight', [1, features], this.#weights.subarray(0, features)),
        floats('line.bias', [1], this.#weights.subarray(features)),
      ],
      optimizerState: [floats('momentum', [features + 1], this.#momentum), steps],
      resetOptimizer: () => {
        this.resets += 1;
        this.#momentum.fill(0);
        this.#steps = 0n;
      },
    };
  }

  readonly shapes = new Map([
    ['line.weight', [1, features]],
    ['line.bias', [1]],
  ]);

  writeWeight(name: string, { data }: NamedTensor): Promise<void> {
    this.#weights.set(data as Float32Array, name === 'line.bias' ? features : 0);
    return Promise.resolve();
  }

  dispose(): void {
    this.disposed = true;
  }

  #line(input: Float32Array): number {
    let sum = this.#weights[features]!;
    for (let i = 0; i < features; i += 1) sum = Math.fround(sum + Math.fround(this.#weights[i]! * input[i]!));
    return sum;
  }
}

function use(batch: StagedBatch): Readonly<Record<string, Float32Array>> {
  if (!(batch instanceof FakeStaged)) throw new Error('a batch was not staged by its trainer');
  return batch.use();
}

function take(list: number[] | undefined, value: number): boolean {
  const at = list?.indexOf(value) ?? -1;
  if (at >= 0) list?.splice(at, 1);
  return at >= 0;
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

  runtime(): TaskRuntime {
    return {
      prepare: (_data, settings, progress) => {
        progress('clips', 1, 2);
        progress('clips', 2, 2);
        return Promise.resolve(this.#data(settings));
      },
      createTrainer: (device, settings, progress) => {
        progress('kernels', 1, 1);
        if (this.makeTrainer) return this.makeTrainer(device, settings);
        const trainer = new FakeTrainer(this, device as unknown as FakeDevice, settings);
        this.trainers.push(trainer);
        return Promise.resolve(trainer);
      },
      learningRate: (step, stepsPerEpoch, settings) =>
        stepDecay(Number(settings.learningRate), 3, 0.9)(Math.floor((step - 1) / stepsPerEpoch)),
      sizeDemo: () => ({ preset: 'tiny', settings: {} }),
    };
  }

  /** Numbers that come the way of frames: later, and through a buffer of the GPU. */
  async #writeFrames(values: Float32Array<ArrayBuffer>, { device, buffer }: FrameTarget): Promise<void> {
    const { stageMilliseconds, badFileAt } = this.faults;
    this.filesRead += 1;
    if (take(badFileAt, this.filesRead)) throw new UserError('video-damaged', 'The file is damaged (b.mp4)');
    await (stageMilliseconds === undefined
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, stageMilliseconds)));
    device.queue.writeBuffer(buffer, 0, values);
  }

  #data(settings: Settings): PreparedData {
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
      trainClips: faults.trainClips ?? 22,
      validationClips,
      ...(faults.trainOrder && { trainOrder: faults.trainOrder }),
      trainBatch: (clips, random) => {
        this.batches.push([...clips]);
        return batchOf(clips, random);
      },
      validationBatch: (clips) => {
        const padded = Array.from({ length: Number(settings.batch) }, (_, i) => clips[Math.min(i, clips.length - 1)]!);
        return batchOf(padded.map((i) => first + i));
      },
      evaluate: (outputs) => {
        const errors = outputs.map((output, i) => Math.abs(output['line']![0]! - clip(first + i).target));
        const error = faults.metrics?.shift() ?? errors.reduce((sum, e) => sum + e, 0) / errors.length;
        return {
          metrics: { error, worst: Math.max(...errors) },
          tables: { clip: { first: errors[0]! } },
          view: errors,
        };
      },
      baselines: () => Promise.resolve({ mean: 2.5 }),
    };
  }
}
