// A model that only predicts: its program and its weights, without gradients, moments or the activations of training.
import { isSoftware, targetOf } from '../../engine/device/adapter';
import { compile, type Compiled } from '../../engine/device/compile';
import type { Program } from '../../engine/device/program';
import type { Tuner } from '../../engine/device/tuning';
import type { Shape } from '../../engine/graph/tensor';
import type { Target } from '../../engine/kernels/target';
import type { Progress } from '../../formats/progress';
import type { Batch, NamedTensor, Outputs, StagedBatch, WeightTarget } from '../runtime';
import { batchRun, placeOf, readOutputs } from './batchRun';
import { FixedInputs } from './fixedInputs';
import { ModelWeights } from './modelWeights';
import { planPrediction } from './planTraining';
import type { ModelDefinition } from './modelDefinition';
import { InputStaging, type InputPlace } from './stagedInputs';

export interface PredictorOptions {
  readonly batchSize: number;
  /** Activations as f16 where the device has it. */
  readonly mixedPrecision?: boolean;
  readonly progress?: Progress;
  readonly tuning?: Tuner;
  /** Overrides what the device says; for tests. */
  readonly target?: Target;
}

export class Predictor implements WeightTarget {
  readonly batchSize: number;
  /** All buffers together, known before the first one was made. */
  readonly plannedBytes: number;
  /** Of the weights alone. */
  readonly weightBytes: number;
  readonly #compiled: Compiled;
  readonly #program: Program;
  readonly #weights: ModelWeights;
  readonly #fixed: FixedInputs;
  readonly #staging: InputStaging;

  private constructor(compiled: Compiled, counters: Iterable<string>, bytes: number, batchSize: number) {
    this.#compiled = compiled;
    this.#program = compiled.programs[0]!;
    this.#weights = new ModelWeights(compiled, counters);
    this.#fixed = FixedInputs.of(compiled.programs);
    this.#staging = new InputStaging(compiled.buffers, (name) => this.#placeOf(name));
    this.batchSize = batchSize;
    this.plannedBytes = bytes;
    this.weightBytes = compiled.parameters.layout.bytes;
  }

  /**
   * Traces, plans and compiles what the model says of predictions; its weights have no meaning before they are written.
   * Throws UserError when it does not fit this device, Bug for a model that predicts nothing.
   */
  static async create(device: GPUDevice, model: ModelDefinition, options: PredictorOptions): Promise<Predictor> {
    const { progress, tuning } = options;
    const half = options.mixedPrecision === true && device.features.has('shader-f16');
    const base = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
    const target = { ...base, half: base.half || half, ...(tuning && { choose: tuning.choose }) };
    let planned = planPrediction(model, target);
    const tried = (done: number, total: number): void => progress?.('tuning', done, total);
    if (await tuning?.learn(device, planned.plan.programs, tried)) planned = planPrediction(model, target);
    const compiled = await compile(device, planned.plan, (done, total) => progress?.('kernels', done, total));
    return new Predictor(compiled, planned.graph.counters.keys(), planned.bytes, options.batchSize);
  }

  get shapes(): WeightTarget['shapes'] {
    return this.#weights.shapes;
  }

  writeWeight(name: string, tensor: NamedTensor): Promise<void> {
    this.#fixed.outdated();
    return this.#weights.writeWeight(name, tensor);
  }

  /** Shapes of what a batch must hold, by name: what the predictions read, no labels. */
  get inputShapes(): ReadonlyMap<string, Shape> {
    const given = [...this.#program.plan.inputs].filter(([name]) => !this.#fixed.makes(name));
    return new Map(given.map(([name, { tensor }]) => [name, tensor.shape]));
  }

  /**
   * Brings a batch to the GPU, its frames to where the program reads them: waits until the former batch is predicted or
   * released. Throws what a frame input throws.
   */
  stage(batch: Batch): Promise<StagedBatch> {
    return this.#staging.stage(batch);
  }

  /** Outputs of `batchSize` clips by name, each flattened one clip after the other. */
  async predict(batch: StagedBatch): Promise<Outputs> {
    this.#fixed.refresh();
    this.#program.run(0, 0, batchRun(this.#program, [batch], 1));
    batch.release();
    return await readOutputs(this.#program);
  }

  /** Of a stream one piece at a time lies where the program reads it: the pieces wait elsewhere. */
  #placeOf(name: string): InputPlace | null {
    const place = placeOf(name, [[this.#program, 1]]);
    return place && place.pieces === 1 ? { ...place, at: this.#program.input(name) } : place;
  }

  /** Largest number of bytes of GPU buffers that were alive at once. */
  get livePeakBytes(): number {
    return this.#compiled.buffers.peakBytes;
  }

  /** GPU buffers made so far; does not change from batch to batch. */
  get buffersMade(): number {
    return this.#compiled.buffers.made;
  }

  dispose(): void {
    this.#staging.dispose(() => this.#compiled.buffers.dispose());
  }
}
