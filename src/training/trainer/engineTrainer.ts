// A model on the GPU as the training loop sees it: steps, losses read late, predictions, weights in and out.
import { invariant } from '../../errors';
import { heardLater } from '../../frames/heardLater';
import { isSoftware, targetOf } from '../../engine/device/adapter';
import type { Location } from '../../engine/device/bind';
import { familyOf } from '../../engine/device/shippedTuning';
import { compileFirst, type CompiledFirst } from '../../engine/device/compile';
import { LOSS_SCALE_OFFSET, Optimizer, type OptimizerSettings, type Rates } from '../../engine/device/optimizer';
import { kernelKinds } from '../../engine/device/profile';
import type { Program, Run } from '../../engine/device/program';
import type { ParameterAttributes } from '../../engine/graph/graph';
import { sizeOf, type Shape } from '../../engine/graph/tensor';
import type { Target } from '../../engine/kernels/target';
import type { Tuner } from '../../engine/device/tuning';
import { explain, type Explanation } from '../../engine/passes/explain';
import { trainedBy } from '../../engine/passes/plan';
import { LOSS_SCALE, planTraining, type PlannedTraining } from './planTraining';
import { LOSS_SCALING } from './lossScaling';
import type { ModelDefinition } from './modelDefinition';
import type { KernelKind, PlanReport } from '../protocol';
import type { Batch, NamedTensor, NamedTensors, Outputs, StagedBatch, StepLoss, Trainer } from '../runtime';
import type { Progress } from '../../formats/progress';
import { batchRun, placeOf, readOutputs } from './batchRun';
import { FixedInputs } from './fixedInputs';
import { ModelWeights } from './modelWeights';
import { releaseAll } from './stageAll';
import { InputStaging } from './stagedInputs';
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
  /** Opens a further device of the adapter, for drivers that translate kernels by the processor. */
  readonly openHelper?: () => Promise<GPUDevice>;
  /** Kept once nothing else needs the device. */
  readonly alone?: Promise<unknown>;
  /** Handed out once losses can be computed; `complete` compiles the rest of a step. */
  readonly early?: boolean;
  /** Overrides what the device says; for tests. */
  readonly target?: Target;
}

/** No submission should hold the GPU for longer than about this. */
const SUBMISSION_MILLISECONDS = 100;

export class EngineTrainer implements Trainer {
  readonly batchSize: number;
  readonly #seed: number;
  readonly #compiled: CompiledFirst;
  readonly #optimizer: Optimizer;
  readonly #train: Program;
  readonly predicts: Promise<void>;
  /** Null before it is ready, and where the model predicts nothing. */
  #predict: Program | null = null;
  #fixed: FixedInputs;
  readonly #names: readonly string[];
  readonly #weights: ModelWeights;
  readonly #perBatch: ReadonlyMap<string, number>;
  readonly #outcomes: StepOutcomes;
  readonly #losses: Location;
  readonly #lossScale: Location | null;
  readonly #accumulation: number;
  #plan: PlanReport;
  readonly #started: number;
  #completing: Promise<void> | null = null;
  /** Lets predictions be compiled. */
  #release!: () => void;
  /** Batches that one run takes at once. */
  readonly #together: number;
  readonly #staging: InputStaging;
  #since = 0;

  private constructor(
    own: {
      compiled: CompiledFirst;
      others: () => Promise<readonly Program[]>;
      started: number;
      optimizer: Optimizer;
      names: readonly string[];
      counters: ReadonlyMap<string, number>;
      together: number;
    },
    report: PlanReport,
    options: TrainerOptions,
  ) {
    const { compiled } = own;
    this.#plan = report;
    this.#started = own.started;
    const complete = new Promise<void>((resolve) => (this.#release = resolve));
    this.batchSize = options.batchSize;
    this.#seed = options.seed >>> 0;
    this.#compiled = compiled;
    this.#optimizer = own.optimizer;
    const train = compiled.first[0]!;
    this.#train = train;
    this.#fixed = FixedInputs.of(compiled.first);
    this.predicts = heardLater(
      complete.then(own.others).then((others) => {
        this.#predict = others[0] ?? null;
        // It reads them too.
        this.#fixed = FixedInputs.of([...compiled.first, ...others]);
      }),
    );
    this.#names = own.names;
    this.#weights = new ModelWeights(compiled, own.counters.keys());
    this.#perBatch = own.counters;
    this.#accumulation = options.accumulation ?? 1;
    this.#together = own.together;
    this.#outcomes = new StepOutcomes(compiled.buffers, own.names.length, this.#accumulation / own.together);
    this.#losses = train.result('losses');
    this.#staging = new InputStaging(compiled.buffers, (name) =>
      placeOf(name, [[train, own.together], ...(this.#predict ? [[this.#predict, 1] as const] : [])]),
    );
    this.#lossScale = train.plan.inputs.has(LOSS_SCALE) ? train.input(LOSS_SCALE) : null;
  }

  /** Traces, plans and compiles the training step, and begins to compile predictions. Throws UserError when the model does not fit this device. */
  static async create(device: GPUDevice, model: ModelDefinition, options: TrainerOptions): Promise<EngineTrainer> {
    const started = performance.now();
    const half = options.mixedPrecision === true && device.features.has('shader-f16');
    const base = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
    const target = { ...base, half: base.half || half, ...(options.tuning && { choose: options.tuning.choose }) };
    const settings = { ...options.optimizer, ...(target.half && { lossScaling: LOSS_SCALING }) };
    const { recompute = 'none', accumulation = 1, progress, openHelper, alone, early } = options;
    const { vendor, architecture, description } = device.adapterInfo;
    const shares = familyOf({ vendor, architecture, description, features: [...device.features] }) === 'lavapipe';
    const planIt = (): PlannedTraining => planTraining(model, target, settings, { recompute, accumulation });
    let plan = planIt();
    const counted =
      (what: string) =>
      (done: number, total: number): void =>
        progress?.(what, done, total);
    if (await options.tuning?.learn(device, plan.planned.programs, counted('tuning'))) plan = planIt();
    const { training, planned, bytes } = plan;
    const leading = planned.programs.length - (model.predict ? 1 : 0);
    const compiled = await compileFirst(device, planned, leading, {
      progress: counted('kernels'),
      ...(early && { soon: 'losses' }),
      ...(target.software && { openHelper: shares ? openHelper : undefined, alone }),
    });
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
    const others = (): Promise<readonly Program[]> => compiled.others(counted('predictionKernels'));
    const train = compiled.first[0]!;
    const trainable = new Set(trainedBy(train.plan));
    const report: PlanReport = {
      parameters: count(trained.filter((one) => one.trainable)),
      trainableParameters: count(trained.filter((one) => trainable.has(one.name))),
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
    const trainer = new EngineTrainer(
      {
        ...{ compiled, others, started, optimizer, names: training.names, counters: training.graph.counters },
        together: model.wholeStep === true ? accumulation : 1,
      },
      report,
      options,
    );
    if (!early) await trainer.complete();
    return trainer;
  }

  complete(): Promise<void> {
    return (this.#completing ??= this.#compiled.complete().then(() => {
      const pipelines = this.#compiled.pipelines.count;
      this.#plan = { ...this.#plan, pipelines, compileMilliseconds: performance.now() - this.#started };
      this.#release();
    }));
  }

  get plan(): PlanReport {
    return this.#plan;
  }

  get hasHostStage(): boolean {
    return this.#train.plan.hosts.length > 0;
  }

  stage(batch: Batch): Promise<StagedBatch> {
    return this.#staging.stage(batch);
  }

  async train(batches: readonly StagedBatch[], step: number, rates: Rates): Promise<void> {
    const count = batches.length;
    invariant(
      count >= 1 && count <= this.#accumulation,
      `${count} batches for a step of at most ${this.#accumulation}`,
    );
    this.#fixed.refresh();
    if (this.#outcomes.empty) this.#since = performance.now();
    const runs = this.#together > 1 ? [batches] : batches.map((batch) => [batch]);
    this.#outcomes.begin(step, runs.length);
    this.#optimizer.prepare(rates, { batches: runs.length });
    const { counters } = this.#weights;
    for (const [name, before] of counters) counters.set(name, before + BigInt(count * (this.#perBatch.get(name) ?? 0)));
    for (let number = 0; number < runs.length; number++)
      await this.#trainOn(runs[number]!, step, { number, left: runs.length - 1 - number });
  }

  async foretell(batches: readonly StagedBatch[], step: number): Promise<Pick<StepLoss, 'loss' | 'parts'> | null> {
    const needed = this.#train.neededFor('losses');
    if (!needed || this.#accumulation !== this.#together) return null;
    this.#fixed.refresh();
    const run = batchRun(this.#train, batches, this.#together);
    await this.#train.runNeeded(needed, this.#seed, step, run);
    return this.#named(await this.#train.read('losses'));
  }

  /** Submits one run of a step: its gradient is added to those of the runs before it, the last one updates. */
  async #trainOn(
    batches: readonly StagedBatch[],
    step: number,
    { number, left }: { number: number; left: number },
  ): Promise<void> {
    const { state } = this.#optimizer;
    const { gradients } = this.#compiled;
    const start = (encoder: GPUCommandEncoder): void => {
      if (this.#train.plan.accumulates && number === 0 && gradients) gradients.clear(encoder);
      const scale = this.#lossScale;
      if (scale) encoder.copyBufferToBuffer(state, LOSS_SCALE_OFFSET, scale.buffer, scale.offset, 4);
    };
    const finish = (encoder: GPUCommandEncoder): void => {
      this.#outcomes.copyLosses(encoder, this.#losses, left);
      if (left > 0) return;
      this.#optimizer.encode(encoder);
      this.#outcomes.copyOutcome(encoder, state);
    };
    const index = (step - 1) * (this.#accumulation / this.#together) + number + 1;
    const run = batchRun(this.#train, batches, this.#together);
    const whole: Run = {
      ...run,
      finish,
      start: (encoder) => {
        start(encoder);
        run.start?.(encoder);
      },
    };
    try {
      if (this.hasHostStage) await this.#train.runStages(this.#seed, index, whole);
      else this.#train.run(this.#seed, index, whole);
    } finally {
      // What is submitted later comes later, so the batches' buffers are free again.
      releaseAll(batches);
    }
  }

  async losses(): Promise<readonly StepLoss[]> {
    if (this.#outcomes.empty) return [];
    const since = this.#since;
    const steps = await this.#outcomes.read();
    const milliseconds = (performance.now() - since) / (steps.length * this.#accumulation);
    this.#train.submissions = Math.min(64, Math.max(1, Math.ceil(milliseconds / SUBMISSION_MILLISECONDS)));
    return steps.map(({ step, losses, outcome }) => ({
      step,
      ...this.#named(losses),
      gradientNorm: outcome.gradientNorm,
      // Overflow at a large loss scale is no more than a reason to halve it.
      finite: outcome.finite || outcome.lossScale > 1,
      ...(!outcome.finite && { skipped: true }),
    }));
  }

  #named(losses: Float32Array): Pick<StepLoss, 'loss' | 'parts'> {
    const parts = Object.fromEntries(this.#names.slice(1).map((name, i) => [name, losses[i + 1] ?? 0]));
    return { loss: losses[0] ?? 0, parts };
  }

  async predict(batch: StagedBatch): Promise<Outputs> {
    const program = this.#predict;
    invariant(program, 'the model predicts nothing, or is not ready to');
    this.#fixed.refresh();
    const exchange = (encoder: GPUCommandEncoder): void => this.#optimizer.encodeExchange(encoder);
    const run = batchRun(program, [batch], 1);
    const start = (encoder: GPUCommandEncoder): void => {
      exchange(encoder);
      run.start?.(encoder);
    };
    program.run(this.#seed, 0, { ...run, start, finish: exchange });
    batch.release();
    return await readOutputs(program);
  }

  /** All weights and buffers, all in memory: for small models and tests. */
  async weights(): Promise<NamedTensors> {
    const values = await this.#compiled.parameters.read();
    const result = new Map<string, NamedTensor>();
    for (const { name, shape } of this.#compiled.parameters.layout.places.values()) {
      result.set(name, { dtype: 'F32', shape, data: values.get(name) as Float32Array });
    }
    for (const [name, count] of this.#weights.counters)
      result.set(name, { dtype: 'I64', shape: [], data: BigInt64Array.of(count) });
    return result;
  }

  state(): ReturnType<typeof trainerState> {
    const { parameters } = this.#compiled;
    const { counters } = this.#weights;
    const written = (bytes: number): Promise<void> => {
      this.#fixed.outdated();
      return this.#weights.written(bytes);
    };
    return trainerState({ parameters, optimizer: this.#optimizer, counters, written });
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    return this.#weights.shapes;
  }

  writeWeight(name: string, tensor: NamedTensor): Promise<void> {
    this.#fixed.outdated();
    return this.#weights.writeWeight(name, tensor);
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

  get liveBytes(): number {
    return this.#compiled.buffers.liveBytes;
  }

  /** Shapes of what a training batch holds, by name. */
  get inputShapes(): ReadonlyMap<string, Shape> {
    const inputs = [...this.#train.plan.inputs].filter(([name]) => name !== LOSS_SCALE && !this.#fixed.makes(name));
    return new Map(inputs.map(([name, { tensor }]) => [name, tensor.shape]));
  }

  /** GPU buffers made so far; does not change while steps are replayed. */
  get buffersMade(): number {
    return this.#compiled.buffers.made;
  }

  dispose(): void {
    this.#staging.dispose(() => this.#compiled.dispose());
  }
}
