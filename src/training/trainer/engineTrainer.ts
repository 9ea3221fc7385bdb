// A model on the GPU as the training loop sees it: steps, losses read late, predictions, weights in and out.
import { invariant } from '../../errors';
import { isSoftware, targetOf } from '../../engine/device/adapter';
import type { Location } from '../../engine/device/bind';
import { compile, type Compiled } from '../../engine/device/compile';
import { LOSS_SCALE_OFFSET, Optimizer, type OptimizerSettings, type Rates } from '../../engine/device/optimizer';
import { kernelKinds } from '../../engine/device/profile';
import type { Program } from '../../engine/device/program';
import type { ParameterAttributes } from '../../engine/graph/graph';
import { sizeOf, type Shape } from '../../engine/graph/tensor';
import type { Target } from '../../engine/kernels/target';
import type { Tuner } from '../../engine/device/tuning';
import { explain, type Explanation } from '../../engine/passes/explain';
import { LOSS_SCALE, planTraining, type ModelDefinition, type PlannedTraining } from './planTraining';
import type { KernelKind, PlanReport } from '../protocol';
import type { Batch, NamedTensor, NamedTensors, Outputs, StagedBatch, StepLoss, Trainer } from '../runtime';
import type { Progress } from '../../formats/progress';
import { InputStaging, StagedInputs, type InputPlace } from './stagedInputs';
import { StepOutcomes } from './stepOutcomes';
import { trainerState } from './trainerState';

export interface TrainerOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerSettings;
  /** Seeds the weights' initial values and all dropout masks. */
  readonly seed: number;
  readonly random: () => number;
  readonly progress?: Progress;
  /** Activations and their gradients as f16 with a dynamic loss scale; f32 where the device has no f16. */
  readonly mixedPrecision?: boolean;
  /** Which of the model's marked blocks are computed again; with a number of bytes as few as keep within it. */
  readonly recompute?: 'none' | 'all' | { readonly bytes: number };
  /** Batches whose gradients one step may add up; 1 by default. */
  readonly accumulation?: number;
  /** Knows or finds out which kernels are fastest on the device; without it their best guesses are taken. */
  readonly tuning?: Tuner;
  /** Overrides what the device says; for tests. */
  readonly target?: Target;
}

/** PyTorch's GradScaler, which doubles less often at its default of 65,536. */
const LOSS_SCALING = { start: 65536, growthInterval: 2000 };
/** The browser copies what is written until the GPU has taken it: weights are loaded in portions of this size. */
const FLUSH_BYTES = 64 * 2 ** 20;
/** No submission should hold the GPU for longer than about this. */
const SUBMISSION_MILLISECONDS = 100;

export class EngineTrainer implements Trainer {
  readonly plan: PlanReport;
  readonly batchSize: number;
  readonly #seed: number;
  readonly #compiled: Compiled;
  readonly #optimizer: Optimizer;
  readonly #train: Program;
  readonly #predict: Program | null;
  readonly #names: readonly string[];
  readonly #counters: Map<string, bigint>;
  readonly #perBatch: ReadonlyMap<string, number>;
  readonly #outcomes: StepOutcomes;
  readonly #losses: Location;
  readonly #lossScale: Location | null;
  readonly #accumulation: number;
  readonly #staging: InputStaging;
  #since = 0;
  #unflushedBytes = 0;

  private constructor(
    own: { compiled: Compiled; optimizer: Optimizer; names: readonly string[]; counters: ReadonlyMap<string, number> },
    report: PlanReport,
    options: TrainerOptions,
  ) {
    const { compiled } = own;
    this.plan = report;
    this.batchSize = options.batchSize;
    this.#seed = options.seed >>> 0;
    this.#compiled = compiled;
    this.#optimizer = own.optimizer;
    const [train, predict] = compiled.programs as [Program, Program?];
    this.#train = train;
    this.#predict = predict ?? null;
    this.#names = own.names;
    this.#counters = new Map([...own.counters.keys()].map((name) => [name, 0n]));
    this.#perBatch = own.counters;
    this.#accumulation = options.accumulation ?? 1;
    this.#outcomes = new StepOutcomes(compiled.buffers, own.names.length, this.#accumulation);
    this.#losses = train.result('losses');
    this.#staging = new InputStaging(compiled.buffers, (name) => placeOf(name, train, predict));
    this.#lossScale = train.plan.inputs.has(LOSS_SCALE) ? train.input(LOSS_SCALE) : null;
  }

  /** Traces, plans and compiles. Throws UserError when the model does not fit this device. */
  static async create(device: GPUDevice, model: ModelDefinition, options: TrainerOptions): Promise<EngineTrainer> {
    const started = performance.now();
    const half = options.mixedPrecision === true && device.features.has('shader-f16');
    const base = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
    const target = { ...base, half: base.half || half, ...(options.tuning && { choose: options.tuning.choose }) };
    const settings = { ...options.optimizer, ...(target.half && { lossScaling: LOSS_SCALING }) };
    const { recompute = 'none', accumulation = 1, progress } = options;
    const planIt = (): PlannedTraining => planTraining(model, target, settings, { recompute, accumulation });
    let plan = planIt();
    const tried = (done: number, total: number): void => progress?.('tuning', done, total);
    if (await options.tuning?.learn(device, plan.planned.programs, tried)) plan = planIt();
    const { training, planned, bytes } = plan;
    const compiled = await compile(device, planned, (done, total) => progress?.('kernels', done, total));
    compiled.parameters.initialize(options.random);
    invariant(compiled.gradients, 'nothing to train');
    const optimizer = await Optimizer.create(
      settings,
      compiled.buffers,
      compiled.pipelines,
      compiled.parameters,
      compiled.gradients,
    );
    const trained = [...training.graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
    const count = (list: readonly ParameterAttributes[]): number =>
      list.reduce((sum, one) => sum + sizeOf(one.shape), 0);
    const [train] = compiled.programs as [Program, Program];
    const report: PlanReport = {
      parameters: count(trained.filter((one) => one.trainable)),
      trainableParameters: count(trained.filter((one) => training.gradients.has(one.name))),
      dispatchesPerStep: train.dispatches + optimizer.dispatches,
      pipelines: compiled.pipelines.count,
      plannedPeakBytes: bytes,
      compileMilliseconds: performance.now() - started,
      gigaflopsPerStep: train.plan.flops / 1e9,
      blocks: training.graph.blocks,
      recomputedBlocks: training.recomputed,
      precision: target.half ? 'mixed' : 'f32',
      judges: settings.ema === undefined ? 'raw' : 'averaged',
    };
    return new EngineTrainer(
      { compiled, optimizer, names: training.names, counters: training.graph.counters },
      report,
      options,
    );
  }

  stage(batch: Batch): Promise<StagedBatch> {
    return this.#staging.stage(batch);
  }

  train(batches: readonly StagedBatch[], step: number, rates: Rates): void {
    const count = batches.length;
    invariant(
      count >= 1 && count <= this.#accumulation,
      `${count} batches for a step of at most ${this.#accumulation}`,
    );
    if (this.#outcomes.empty) this.#since = performance.now();
    this.#outcomes.begin(step, count);
    this.#optimizer.prepare(rates, { batches: count });
    batches.forEach((batch, k) => this.#trainOn(batch, step, { number: k, left: count - 1 - k }));
    for (const [name, count] of this.#counters) {
      this.#counters.set(name, count + BigInt(batches.length * (this.#perBatch.get(name) ?? 0)));
    }
  }

  /** Submits one batch of a step: its gradient is added to those of the batches before it, the last one updates. */
  #trainOn(batch: StagedBatch, step: number, { number, left }: { number: number; left: number }): void {
    const { state } = this.#optimizer;
    const { gradients } = this.#compiled;
    const start = (encoder: GPUCommandEncoder): void => {
      if (this.#accumulation > 1 && number === 0 && gradients) encoder.clearBuffer(gradients);
      const scale = this.#lossScale;
      if (scale) encoder.copyBufferToBuffer(state, LOSS_SCALE_OFFSET, scale.buffer, scale.offset, 4);
    };
    const finish = (encoder: GPUCommandEncoder): void => {
      this.#outcomes.copyLosses(encoder, this.#losses, left);
      if (left > 0) return;
      this.#optimizer.encode(encoder);
      this.#outcomes.copyOutcome(encoder, state);
    };
    this.#run(this.#train, batch, (step - 1) * this.#accumulation + number + 1, finish, start);
  }

  /** Runs a program on a batch and uses it up: what is submitted later comes later, so its buffers are free again. */
  #run(
    program: Program,
    batch: StagedBatch,
    index: number,
    finish?: (encoder: GPUCommandEncoder) => void,
    start?: (encoder: GPUCommandEncoder) => void,
  ): void {
    invariant(batch instanceof StagedInputs && !batch.released, 'a batch is staged by its trainer and used once');
    for (const [name, data] of batch.arrays) program.write(name, data);
    program.run(this.#seed, index, finish, (encoder) => {
      start?.(encoder);
      for (const [name, frames] of batch.frames) {
        if (!program.plan.inputs.has(name)) continue;
        const { buffer, offset } = program.input(name);
        encoder.copyBufferToBuffer(frames, 0, buffer, offset, frames.size);
      }
    });
    batch.release();
  }

  async losses(): Promise<readonly StepLoss[]> {
    if (this.#outcomes.empty) return [];
    const since = this.#since;
    const steps = await this.#outcomes.read();
    const milliseconds = (performance.now() - since) / (steps.length * this.#accumulation);
    this.#train.submissions = Math.min(64, Math.max(1, Math.ceil(milliseconds / SUBMISSION_MILLISECONDS)));
    return steps.map(({ step, losses, outcome }) => ({
      step,
      loss: losses[0] ?? 0,
      parts: Object.fromEntries(this.#names.slice(1).map((name, i) => [name, losses[i + 1] ?? 0])),
      gradientNorm: outcome.gradientNorm,
      // Overflow at a large loss scale is no more than a reason to halve it.
      finite: outcome.finite || outcome.lossScale > 1,
      ...(!outcome.finite && { skipped: true }),
    }));
  }

  async predict(batch: StagedBatch): Promise<Outputs> {
    const program = this.#predict;
    invariant(program, 'the model says nothing of predictions');
    const exchange = (encoder: GPUCommandEncoder): void => this.#optimizer.encodeExchange(encoder);
    this.#run(program, batch, 0, exchange, exchange);
    const names = [...program.plan.results.keys()];
    const values = await Promise.all(names.map((name) => program.read(name)));
    return Object.fromEntries(names.map((name, k) => [name, values[k]!]));
  }

  /** All weights and buffers, all in memory: for small models and tests. */
  async weights(): Promise<NamedTensors> {
    const values = await this.#compiled.parameters.read();
    const result = new Map<string, NamedTensor>();
    for (const { name, shape } of this.#compiled.parameters.layout.places.values()) {
      result.set(name, { dtype: 'F32', shape, data: values.get(name) as Float32Array });
    }
    for (const [name, count] of this.#counters)
      result.set(name, { dtype: 'I64', shape: [], data: BigInt64Array.of(count) });
    return result;
  }

  state(): ReturnType<typeof trainerState> {
    const { parameters, buffers } = this.#compiled;
    const written = (bytes: number): Promise<void> => this.#written(bytes);
    return trainerState({ parameters, buffers, optimizer: this.#optimizer, counters: this.#counters, written });
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    const { places } = this.#compiled.parameters.layout;
    const counters = [...this.#counters.keys()].map((name): [string, readonly number[]] => [name, []]);
    return new Map([
      ...[...places].map(([name, { shape }]): [string, readonly number[]] => [name, shape]),
      ...counters,
    ]);
  }

  async writeWeight(name: string, { data }: NamedTensor): Promise<void> {
    this.#write(name, data);
    await this.#written(data.byteLength);
  }

  /** Waits now and then until the GPU has taken what was written. */
  async #written(bytes: number): Promise<void> {
    this.#unflushedBytes += bytes;
    if (this.#unflushedBytes < FLUSH_BYTES) return;
    this.#unflushedBytes = 0;
    await this.#compiled.buffers.device.queue.onSubmittedWorkDone();
  }

  #write(name: string, data: ArrayLike<number | bigint>): void {
    if (this.#counters.has(name)) this.#counters.set(name, BigInt(Math.round(Number(data[0] ?? 0))));
    else this.#compiled.parameters.write(name, data instanceof Float32Array ? data : Float32Array.from(data, Number));
  }

  /** Where the memory of a training step goes. */
  explain(): Explanation {
    return explain(this.#train.plan);
  }

  /** Time of every kernel of one training step, for finding what is slow. */
  profile(): ReturnType<Program['profile']> {
    return this.#train.profile();
  }

  async kernels(): Promise<readonly KernelKind[]> {
    return kernelKinds(await this.profile());
  }

  get livePeakBytes(): number {
    return this.#compiled.buffers.peakBytes;
  }

  /** Shapes of what a training batch holds, by name. */
  get inputShapes(): ReadonlyMap<string, Shape> {
    const inputs = [...this.#train.plan.inputs].filter(([name]) => name !== LOSS_SCALE);
    return new Map(inputs.map(([name, { tensor }]) => [name, tensor.shape]));
  }

  /** GPU buffers made so far; does not change while steps are replayed. */
  get buffersMade(): number {
    return this.#compiled.buffers.made;
  }

  dispose(): void {
    this.#staging.dispose(() => this.#compiled.buffers.dispose());
  }
}

/** Training and prediction hold an input alike; either may do without it. */
function placeOf(name: string, ...programs: readonly (Program | undefined)[]): InputPlace | null {
  for (const program of programs) {
    const input = program?.plan.inputs.get(name);
    if (program && input) return { bytes: program.input(name).bytes, half: program.plan.half(input.tensor) };
  }
  return null;
}
