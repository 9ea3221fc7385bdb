// A trainer on the CPU: straight lines learnt by momentum; every float is rounded as a GPU would.
import type { Rates } from '../../src/engine/device/optimizer';
import type { Settings } from '../../src/models/settings';
import type { FrameTarget } from '../../src/frames/frameInput';
import type {
  Batch,
  NamedTensor,
  Outputs,
  StagedBatch,
  StateTensor,
  StepLoss,
  Trainer,
  TrainerState,
} from '../../src/training/runtime';
import { samplePlan } from '../runs/sampleRecord';
import type { FakeWorld } from './fakeTask';

const features = 4;

/** A device that a test can lose. */
export class FakeDevice extends EventTarget {
  lose!: () => void;
  readonly lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    this.lose = () => resolve({ reason: 'unknown', message: 'as the test wanted' } as GPUDeviceLostInfo);
  });
}

/** Numbers of a clip, and what the line through them is at. */
export function clip(index: number): { input: number[]; target: number } {
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

export class FakeTrainer implements Trainer {
  readonly plan = samplePlan;
  readonly batchSize: number;
  readonly livePeakBytes = 1000;
  readonly liveBytes = 800;
  readonly predicts: Promise<void>;
  readonly foretell?: NonNullable<Trainer['foretell']>;
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
    this.predicts = world.faults.predictsLater ?? Promise.resolve();
    this.#weights.fill(0.25);
    const { foretold } = world.faults;
    if (foretold !== undefined) this.foretell = () => Promise.resolve({ loss: foretold, parts: {} });
  }

  async stage(batch: Batch): Promise<StagedBatch> {
    const arrays: Record<string, Float32Array> = {};
    for (const [name, input] of Object.entries(batch)) {
      if (!('writeFrames' in input)) arrays[name] = input as Float32Array;
      else {
        const writeBuffer = (_buffer: GPUBuffer, _at: number, values: Float32Array) => (arrays[name] = values.slice());
        await input.writeFrames({ device: { queue: { writeBuffer } }, buffers: [] } as unknown as FrameTarget);
      }
    }
    return new FakeStaged(this.#world, arrays);
  }

  train(batches: readonly StagedBatch[], step: number, rates: Rates): Promise<void> {
    const learningRate = typeof rates === 'number' ? rates : rates[0]!;
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
    return Promise.resolve();
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

/** Whether the list has the value, which is then taken out. */
export function take(list: number[] | undefined, value: number): boolean {
  const at = list?.indexOf(value) ?? -1;
  if (at >= 0) list?.splice(at, 1);
  return at >= 0;
}
