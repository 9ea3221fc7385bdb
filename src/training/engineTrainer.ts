// A model on the GPU as the training loop sees it: steps, losses read late, predictions, weights in and out.
import { UserError, invariant } from '../errors';
import { compile, plan, type Compiled, type Plan } from '../engine/device/compile';
import { isSoftware, targetOf } from '../engine/device/adapter';
import { STAGING_BYTES } from '../engine/device/buffers';
import {
  LOSS_SCALE_OFFSET,
  Optimizer,
  OUTCOME_BYTES,
  optimizerBytes,
  type OptimizerSettings,
} from '../engine/device/optimizer';
import type { Program } from '../engine/device/program';
import { Graph, type ParameterAttributes, type Recompute } from '../engine/graph/graph';
import { Parameters } from '../engine/graph/parameters';
import { sizeOf, type Shape, type Tensor } from '../engine/graph/tensor';
import type { Target } from '../engine/kernels/target';
import { concat, reshape } from '../engine/ops/view';
import { explain, type Explanation } from '../engine/passes/explain';
import { gradients, trainable } from '../engine/passes/gradient';
import type { PlanReport } from './protocol';
import type { Batch, NamedTensor, NamedTensors, Progress, StepLoss, Trainer } from './runtime';

/** A model for the trainer: what it reads, what it learns from, what it predicts. All traced, nothing run. */
export interface ModelDefinition {
  /** Shapes of one batch's inputs by name. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** The scalar loss in training mode and its parts by name. */
  loss(p: Parameters, inputs: Readonly<Record<string, Tensor>>): { total: Tensor; parts: ReadonlyMap<string, Tensor> };
  /** The output in evaluation mode; absent where nobody asks for predictions. */
  predict?(p: Parameters, inputs: Readonly<Record<string, Tensor>>): Tensor;
}

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
  /** Overrides what the device says; for tests. */
  readonly target?: Target;
}

/** PyTorch's GradScaler, which doubles less often at its default of 65,536. */
const LOSS_SCALING = { start: 65536, growthInterval: 2000 };
/** Name of the input that the loss scale is copied to before each step. */
const LOSS_SCALE = 'loss scale';
/** Losses that may wait on the GPU before someone reads them. */
const RING = 64;
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
  readonly #ring: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #slotBytes: number;
  #pending: number[] = [];
  #since = 0;
  #unflushedBytes = 0;

  private constructor(
    own: { compiled: Compiled; optimizer: Optimizer; names: readonly string[]; counters: ReadonlySet<string> },
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
    this.#counters = new Map([...own.counters].map((name) => [name, 0n]));
    this.#slotBytes = slotBytes(own.names.length);
    this.#ring = compiled.buffers.create(
      'losses',
      RING * this.#slotBytes,
      GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
    this.#staging = compiled.buffers.create(
      'losses to read',
      RING * this.#slotBytes,
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    );
  }

  /** Traces, plans and compiles. Throws UserError when the model does not fit this device. */
  static async create(device: GPUDevice, model: ModelDefinition, options: TrainerOptions): Promise<EngineTrainer> {
    const started = performance.now();
    const half = options.mixedPrecision === true && device.features.has('shader-f16');
    const base = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
    const target = { ...base, half: base.half || half };
    const settings = { ...options.optimizer, ...(target.half && { lossScaling: LOSS_SCALING }) };
    const { training, planned, bytes } = planWithin(model, target, settings, options.recompute ?? 'none');
    const progress = options.progress;
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
      submissionsPerStep: 1,
      pipelines: compiled.pipelines.count,
      plannedPeakBytes: bytes,
      compileMilliseconds: performance.now() - started,
      gigaflopsPerStep: train.plan.flops / 1e9,
      blocks: training.graph.blocks,
      recomputedBlocks: training.recomputed,
    };
    return new EngineTrainer(
      { compiled, optimizer, names: training.names, counters: training.graph.counters },
      report,
      options,
    );
  }

  train(batch: Batch, step: number, learningRate: number): void {
    invariant(this.#pending.length < RING, 'too many steps without reading their losses');
    if (this.#pending.length === 0) this.#since = performance.now();
    for (const [name, data] of Object.entries(batch)) this.#train.write(name, data);
    this.#optimizer.prepare(learningRate);
    const slot = this.#pending.length * this.#slotBytes;
    const { state } = this.#optimizer;
    const finish = (encoder: GPUCommandEncoder): void => {
      this.#optimizer.encode(encoder);
      const { buffer, offset } = this.#train.result('losses');
      encoder.copyBufferToBuffer(buffer, offset, this.#ring, slot, this.#names.length * 4);
      encoder.copyBufferToBuffer(state, 0, this.#ring, slot + this.#slotBytes - OUTCOME_BYTES, OUTCOME_BYTES);
    };
    const scaleTo = this.#train.plan.inputs.has(LOSS_SCALE) ? this.#train.input(LOSS_SCALE) : null;
    this.#train.run(this.#seed, step, finish, (encoder) => {
      if (scaleTo) encoder.copyBufferToBuffer(state, LOSS_SCALE_OFFSET, scaleTo.buffer, scaleTo.offset, 4);
    });
    for (const [name, count] of this.#counters) this.#counters.set(name, count + 1n);
    this.#pending.push(step);
  }

  async losses(): Promise<readonly StepLoss[]> {
    const steps = this.#pending;
    if (steps.length === 0) return [];
    this.#pending = [];
    const { device } = this.#compiled.buffers;
    const encoder = device.createCommandEncoder({ label: 'losses' });
    encoder.copyBufferToBuffer(this.#ring, 0, this.#staging, 0, steps.length * this.#slotBytes);
    device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ);
    const bytes = this.#staging.getMappedRange().slice(0);
    this.#staging.unmap();
    const milliseconds = (performance.now() - this.#since) / steps.length;
    this.#train.submissions = Math.min(64, Math.max(1, Math.ceil(milliseconds / SUBMISSION_MILLISECONDS)));
    return steps.map((step, k) => {
      const values = new Float32Array(bytes, k * this.#slotBytes, this.#names.length);
      const outcome = Optimizer.outcome(bytes, (k + 1) * this.#slotBytes - OUTCOME_BYTES);
      return {
        step,
        loss: values[0] ?? 0,
        parts: Object.fromEntries(this.#names.slice(1).map((name, i) => [name, values[i + 1] ?? 0])),
        gradientNorm: outcome.gradientNorm,
        // Overflow at a large loss scale is no more than a reason to halve it.
        finite: outcome.finite || outcome.lossScale > 1,
        ...(!outcome.finite && { skipped: true }),
      };
    });
  }

  async predict(batch: Batch): Promise<Float32Array> {
    invariant(this.#predict, 'the model says nothing of predictions');
    for (const [name, data] of Object.entries(batch)) this.#predict.write(name, data);
    this.#predict.run(this.#seed, 0);
    return this.#predict.read('output');
  }

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

  async optimizerState(): Promise<NamedTensors> {
    const { arrays, counts, lossScale } = await this.#optimizer.save();
    const length = this.#compiled.parameters.layout.trainedBytes / 4;
    return new Map<string, NamedTensor>([
      ...[...arrays].map(([name, data]): [string, NamedTensor] => [name, { dtype: 'F32', shape: [length], data }]),
      ['counts', { dtype: 'I64', shape: [counts.length], data: BigInt64Array.from(counts, BigInt) }],
      ['loss_scale', { dtype: 'F32', shape: [], data: Float32Array.of(lossScale) }],
    ]);
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
    this.#unflushedBytes += data.byteLength;
    if (this.#unflushedBytes < FLUSH_BYTES) return;
    this.#unflushedBytes = 0;
    await this.#compiled.buffers.device.queue.onSubmittedWorkDone();
  }

  #write(name: string, data: ArrayLike<number | bigint>): void {
    if (this.#counters.has(name)) this.#counters.set(name, BigInt(Math.round(Number(data[0] ?? 0))));
    else this.#compiled.parameters.write(name, data instanceof Float32Array ? data : Float32Array.from(data, Number));
  }

  restore(weights: NamedTensors, optimizerState: NamedTensors | null): void {
    for (const name of this.#compiled.parameters.layout.places.keys()) {
      const tensor = weights.get(name);
      if (!tensor)
        throw new UserError(
          'weight-missing',
          `The checkpoint has no weight named ${name}; it belongs to another model or other settings.`,
          { name },
        );
      this.#write(name, tensor.data);
    }
    for (const name of this.#counters.keys()) this.#write(name, weights.get(name)?.data ?? [0]);
    if (!optimizerState) {
      this.#optimizer.reset();
      return;
    }
    const arrays = [...optimizerState].flatMap(([name, { data }]): [string, Float32Array][] =>
      data instanceof Float32Array && data.length > 1 ? [[name, data]] : [],
    );
    this.#optimizer.restore({
      arrays: new Map(arrays),
      counts: Array.from(optimizerState.get('counts')?.data ?? [], Number),
      lossScale: Number(optimizerState.get('loss_scale')?.data[0] ?? 1),
    });
  }

  /** Where the memory of a training step goes. */
  explain(): Explanation {
    return explain(this.#train.plan);
  }

  /** Time of every kernel of one training step, for finding what is slow. */
  profile(): ReturnType<Program['profile']> {
    return this.#train.profile();
  }

  get livePeakBytes(): number {
    return this.#compiled.buffers.peakBytes;
  }

  /** GPU buffers made so far; does not change while steps are replayed. */
  get buffersMade(): number {
    return this.#compiled.buffers.made;
  }

  dispose(): void {
    this.#compiled.buffers.dispose();
  }
}

interface PlannedTraining {
  readonly training: TracedTraining;
  readonly planned: Plan;
  /** All buffers together. */
  readonly bytes: number;
}

/** Traces and plans with all, none, or as few recomputed blocks as keep within a number of bytes. Throws UserError. */
function planWithin(
  model: ModelDefinition,
  target: Target,
  settings: OptimizerSettings,
  recompute: NonNullable<TrainerOptions['recompute']>,
): PlannedTraining {
  const evaluation = traced(model.inputs);
  const output = model.predict?.(evaluation.p, evaluation.inputs);
  const attempt = (choice: Recompute): PlannedTraining => {
    const training = traceTraining(model, target.half, choice);
    const { graph, losses, gradients: found } = training;
    const planned = plan(
      [
        { name: 'train', graph, results: new Map([['losses', losses]]), gradients: found },
        ...(output ? [{ name: 'predict', graph: evaluation.graph, results: new Map([['output', output]]) }] : []),
      ],
      target,
    );
    const others = 2 * RING * slotBytes(training.names.length) + STAGING_BYTES;
    const bytes = planned.bytes + optimizerBytes(settings, planned.parameters.trainedBytes) + others;
    return { training, planned, bytes };
  };
  if (typeof recompute === 'string') return attempt(recompute);
  const none = attempt('none');
  if (none.bytes <= recompute.bytes) return none;
  let best = attempt('all');
  if (best.bytes > recompute.bytes) {
    const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    throw new UserError(
      'memory-budget',
      `These settings need ${mebibytes(best.bytes)} MiB even with every layer recomputed; the budget is ${mebibytes(recompute.bytes)} MiB. Use a smaller batch or fewer frames, or raise the budget.`,
      { needed: best.bytes, budget: recompute.bytes },
    );
  }
  // More recomputed blocks never need more memory to speak of: halve the range in between.
  let [low, high] = [1, best.training.graph.blocks - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = attempt(middle);
    if (tried.bytes <= recompute.bytes) {
      best = tried;
      high = middle - 1;
    } else low = middle + 1;
  }
  return best;
}

function slotBytes(values: number): number {
  return Math.ceil((values * 4) / 16) * 16 + OUTCOME_BYTES;
}

function traced(
  shapes: ModelDefinition['inputs'],
  recompute: Recompute = 'none',
): { graph: Graph; p: Parameters; inputs: Record<string, Tensor> } {
  const graph = new Graph(recompute);
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
  return { graph, p: new Parameters(graph), inputs };
}

interface TracedTraining {
  readonly graph: Graph;
  readonly losses: Tensor;
  readonly names: readonly string[];
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** Number of blocks that are computed again. */
  readonly recomputed: number;
}

function traceTraining(model: ModelDefinition, scaled: boolean, recompute: Recompute): TracedTraining {
  const { graph, p, inputs } = traced(model.inputs, recompute);
  const { total, parts } = model.loss(p, inputs);
  const lossScale = scaled ? graph.input(LOSS_SCALE, []) : undefined;
  const found = gradients(graph, total, trainable(graph), lossScale);
  const byName = new Map(
    [...found].map(([tensor, gradient]) => [(tensor.node.attributes as ParameterAttributes).name, gradient]),
  );
  const vector = [total, ...parts.values()].map((one) => reshape(one, [1]));
  const recomputed = recompute === 'all' ? graph.blocks : recompute === 'none' ? 0 : Math.min(recompute, graph.blocks);
  return { graph, losses: concat(vector, 0), names: ['loss', ...parts.keys()], gradients: byName, recomputed };
}
