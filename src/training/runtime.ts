// The seams of a training run: what a task gives (data, batches, metrics) and what the engine gives (steps).
import type { UserError } from '../errors';
import type { WeightSource } from '../formats/openWeights';
import type { Progress } from '../formats/progress';
import type { Rates } from '../engine/device/optimizer';
import type { Random } from '../samples/random';
import type { DataReport } from '../annotations/dataReport';
import type { DataSource } from '../annotations/dataSource';
import type { KeptFramesReport } from '../frames/videoStore';
import type { KernelKind, Metrics, PlanReport } from './protocol';
import type { Settings } from '../models/settings';
import type { Batch, Facts, Outputs } from './batch';
import type { ModelDefinition } from './trainer/modelDefinition';
import type { VideoStore } from '../frames/videoStore';
import type { Finders } from './judging/finders';
import type { TaskJudge } from './judging/taskJudge';
import type { WeightRulesFor } from './weights/weightRules';

export type { Batch, Facts, Outputs };

/** A batch that the GPU has, or can be given without waiting. Made and used up by the same trainer. */
export interface StagedBatch {
  /** For one that is not going to be used. */
  release(): void;
}

/** Metrics of one validation pass, tables that break them down, and what the task's view draws. */
export interface Evaluation {
  readonly metrics: Metrics;
  readonly tables: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly view: unknown;
}

/** Hears how many of all frames are kept; what it throws ends the work. */
export type FrameProgress = (done: number, total: number) => void;

/** Data that is ready to be trained on. Validation clips are never among the training clips. */
export interface PreparedData<DataFacts extends Facts = Facts> {
  readonly report: DataReport;
  /** Kept with every checkpoint, so that the model can be built again without the data. */
  readonly facts: DataFacts;
  readonly trainClips: number;
  readonly validationClips: number;
  /**
   * Called by a run, once for each device that it has, never by a check: decodes and resizes all frames, so that no step
   * has to. Batches that are staged meanwhile come first, and are the same to the bit. `until` ends it early.
   */
  keepFrames?(progress: FrameProgress, until: AbortSignal): Promise<KeptFramesReport>;
  /**
   * Which clips an epoch takes, and in which order: as many as there are, of which some may come twice. All of them
   * shuffled where this is left out. Epochs count from 1.
   */
  trainOrder?(seed: number, epoch: number): Uint32Array;
  /** The clips with these indices as one batch, augmented by `random`. */
  trainBatch(clips: readonly number[], random: Random): Batch;
  /** The validation clips with these indices as one batch, undisturbed: always a whole one, in which clips may repeat. */
  validationBatch(clips: readonly number[]): Batch;
  /** `outputs[i]` are the model's outputs for validation clip i, each flattened. */
  evaluate(outputs: readonly Outputs[]): Evaluation | Promise<Evaluation>;
  /** Levels that any useful model must beat, by name, in the unit of the first metric. */
  baselines(progress: Progress): Promise<Readonly<Record<string, number>>>;
}

/** What a worker of the browser can do for a task's data; absent in Node. */
export interface DataTools {
  readonly videos: VideoStore;
  /** Hears of files that turn out to be damaged, of some of them after the data was prepared. */
  readonly tell?: (problem: UserError) => void;
  /** Absent where nothing finds. */
  readonly finders?: Finders;
}

/** Everything that a checkpoint holds, by name. */
export interface NamedTensor {
  readonly dtype: 'F32' | 'I64';
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}
export type NamedTensors = ReadonlyMap<string, NamedTensor>;

/** A tensor that stays where it is, on the GPU or in a file, and comes into memory part by part. */
export interface ReadableTensor {
  readonly name: string;
  readonly dtype: NamedTensor['dtype'];
  readonly shape: readonly number[];
  /** Its values from `begin` to before `end`, counted row-major. */
  readonly read: (begin: number, end: number) => Promise<NamedTensor['data']>;
}

/** A tensor on the GPU, which can also be replaced part by part; between steps only. */
export interface StateTensor extends ReadableTensor {
  /** Resolves once there is room for the next part. */
  readonly write: (values: NamedTensor['data'], begin: number) => Promise<void>;
}

/** Everything that a trainer learnt. */
export interface TrainerState {
  /** Weights and buffers under upstream's state_dict names. */
  readonly weights: readonly StateTensor[];
  /** Moments, step counts and the like under names of our own. */
  readonly optimizerState: readonly StateTensor[];
  /** Makes the optimiser as new, for the weights as they are now. */
  readonly resetOptimizer: () => void;
}

/** What weights of a file are loaded into. */
export interface WeightTarget {
  /** Names and shapes of the whole state_dict; counters have the shape []. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Replaces one entry; resolves once there is room for the next. Throws UserError on another name or size. */
  writeWeight(name: string, tensor: NamedTensor): Promise<void>;
}

export interface StepLoss {
  readonly step: number;
  /** Mean over the step's batches, like its parts. */
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Global norm of the gradient before clipping, where the run computes it. */
  readonly gradientNorm?: number;
  /** False takes the run back to its last checkpoint; a step that loss scaling skipped is not that. */
  readonly finite: boolean;
  /** Loss scaling left this step out, since its gradient was not finite at the present scale. */
  readonly skipped?: boolean;
}

/** One compiled model on one device. */
export interface Trainer extends WeightTarget {
  readonly plan: PlanReport;
  readonly batchSize: number;
  /** JavaScript has a part in each step, which then takes its time to submit. */
  readonly hasHostStage?: boolean;
  /** Brings a batch to the GPU: frames into buffers that are used again, arrays as they are. */
  stage(batch: Batch): Promise<StagedBatch>;
  /** Compiles what is left of a step; to be waited for before the first. */
  complete?(): Promise<void>;
  /**
   * The loss of the next step, bit for bit, before its gradient can be computed: the batches are not used up, and nothing
   * is learnt. Null where a loss takes more than one run. Steps must not be under way.
   */
  foretell?(batches: readonly StagedBatch[], step: number): Promise<Pick<StepLoss, 'loss' | 'parts'> | null>;
  /**
   * Submits one optimiser step (1-based `step`) over the mean of the batches' gradients; at once, unless JavaScript has
   * a part in the step. More than one batch where gradients accumulate. `rates` go by the order of the parameter groups.
   */
  train(batches: readonly StagedBatch[], step: number, rates: Rates): Promise<void>;
  /** Waits for the steps submitted before this call and returns their losses in order; more may be submitted meanwhile. */
  losses(): Promise<readonly StepLoss[]>;
  /** Resolves when `predict` and batches for it are ready; its kernels are compiled while training goes on. */
  readonly predicts: Promise<void>;
  /** Runs the model in evaluation mode: of each output, `batchSize` clips flattened one after the other. */
  predict(batch: StagedBatch): Promise<Outputs>;
  /** The state between two steps, bit for bit; not to be used any more once the next step is submitted. */
  state(): TrainerState;
  /** Times every kernel of a step. Throws UserError where the adapter has no timestamps. */
  kernels?(): Promise<readonly KernelKind[]>;
  /** Largest number of bytes of GPU buffers that were alive at once. */
  readonly livePeakBytes: number;
  /** Those that are alive now. */
  readonly liveBytes: number;
  dispose(): void;
}

/** Parameters that share a rate, a decay and whether they train. */
export interface ParameterGroup {
  readonly name: string;
  /** Takes what no group before it took; all of that where left out. */
  readonly has?: (parameter: string) => boolean;
  /** At its largest; the schedule goes from there. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Keeps its values: no gradient of it is built. */
  readonly frozen?: boolean;
}

/**
 * What a model's folder exports as `runtime` from `runtime.ts`, loaded by the train worker only. The model and its
 * optimiser are said, not made: `trainer/createTrainer.ts` makes them for all tasks.
 */
export interface TaskRuntime<DataFacts extends Facts = Facts> {
  /** What published checkpoints of the model need beyond equal names. */
  readonly weightRules?: WeightRulesFor;
  /**
   * What a file of weights tells of settings that the person leaves to it; asked before the model is built.
   * @throws UserError where the file must tell and does not.
   */
  settingsFrom?(source: WeightSource, settings: Settings): Settings;
  /** What the demo says of itself, where a step is planned or measured without its data: it needs videos, say. */
  readonly demoFacts?: DataFacts;
  /** Given are the settings that the task's list marks as the data's, and no others. */
  prepare(
    data: DataSource,
    settings: Settings,
    progress: Progress,
    tools?: DataTools,
  ): Promise<PreparedData<DataFacts>>;
  /** The model with its loss for the batch that the settings say. Traced, nothing is run. */
  model(settings: Settings, facts: DataFacts): ModelDefinition;
  /** At most eight. Where left out, one of all parameters, by the settings `learningRate` and `weightDecay`. */
  parameterGroups?(settings: Settings, facts: DataFacts): readonly ParameterGroup[];
  /** The schedule: rate at a 1-based step of a group whose largest rate is `base`. */
  learningRate(step: number, stepsPerEpoch: number, settings: Settings, base: number): number;
  /** Preset and settings that let the demo finish in about a minute at this rate of f32 arithmetic. */
  sizeDemo(gigaflops: number): { preset: string; settings: Settings };
  /** How it judges files without labels; a task without one is not offered on Try. */
  readonly judge?: TaskJudge<DataFacts>;
}
