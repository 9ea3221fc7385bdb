// What crosses between page and train worker: plain data in, plain events out, never a tensor.
import type { DataReport } from '../annotations/dataReport';
import type { DataSource } from '../annotations/dataSource';
import type { KernelKind } from '../engine/device/profile';
import type { ErrorDetail } from '../errors';
import type { DataFile } from '../formats/dataFile';
import type { ExportFormat } from '../formats/writeWeights';
import type { KeptFramesReport } from '../frames/videoStore';
import type { SettingValue, Settings } from '../models/settings';
import type { WeightReport } from './weights/weightReport';

export type { KernelKind };

export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for a CPU that plays a GPU (SwiftShader, llvmpipe, WARP). */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Multiply-adds count twice; measured by a short f32 FMA loop. */
  readonly gigaflops: number;
}

/** What a person asks for. `settings` holds every setting of the task, defaults included. */
export interface RunConfig {
  readonly runId: string;
  /** A name that a person can remember, for example `quiet-heron`. */
  readonly name: string;
  readonly task: string;
  readonly preset: string;
  readonly data: DataSource;
  readonly settings: Settings;
  /** A published checkpoint to start from: one file, or the parts of one with their list. */
  readonly weights?: readonly DataFile[];
  /** Whether kernels are tried out on this adapter; by default on real GPUs, where trials are quick. */
  readonly tuning?: 'on' | 'off';
  /** Every kernel of a step is timed once, before training. */
  readonly debug?: boolean;
}

export interface StepRecord {
  readonly step: number;
  readonly epoch: number;
  /** The largest of all parameter groups'. */
  readonly learningRate: number;
  readonly loss: number;
  /** The loss's parts by name, already weighted. */
  readonly parts: Readonly<Record<string, number>>;
  /** NaN where the loss was told before its step was timed. */
  readonly milliseconds: number;
  /** The update was left out: the gradient exceeded f16 at the loss scale of the moment. */
  readonly skipped?: true;
  /** Global norm of the gradient before clipping, where the run computes it. */
  readonly gradientNorm?: number;
  /** Absent in steps of earlier versions, like what follows. */
  readonly waits?: StepWaits;
  /** GPU buffers that the run holds. */
  readonly heldBytes?: number;
}

/** What the loop of training waited for, in milliseconds of a step; the rest of its time is between steps. */
export interface StepWaits {
  /** Batches: files that are read, frames that are decoded, and their upload. */
  readonly data: number;
  /** JavaScript's own part: recording and submitting the work. */
  readonly submit: number;
  /** The GPU, until the losses came back. */
  readonly gpu: number;
}

/** Metrics by name, in the task's own units. The first is the one that decides which epoch is best. */
export type Metrics = Readonly<Record<string, number>>;

export interface EpochRecord {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly metrics: Metrics;
  readonly seconds: number;
  readonly best: boolean;
}

/** A setting that was changed after some step, by a person or for a run that went on. */
export interface SettingChange {
  readonly step: number;
  readonly key: string;
  readonly from: SettingValue;
  readonly to: SettingValue;
}

/** Of a view: of untrained weights, of those under way, of those that the run ended with. */
export type Moment = 'before' | 'now' | 'after';

/** Weights as they are trained, or their exponential moving average where the run keeps one. */
export type WeightKind = 'raw' | 'averaged';

/** Facts about the compiled step. Bytes are exact and known before the first step. */
export interface PlanReport {
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly dispatchesPerStep: number;
  readonly pipelines: number;
  readonly plannedPeakBytes: number;
  readonly compileMilliseconds: number;
  readonly gigaflopsPerStep: number;
  /** Blocks that the model marks for recompute, and how many of them are recomputed. */
  readonly blocks: number;
  readonly recomputedBlocks: number;
  /** f32 also where mixed precision was asked of an adapter without f16. */
  readonly precision: 'f32' | 'mixed';
  /** Weights that validation sees, and by which the best epoch is chosen: as trained, or their moving average. */
  readonly judges: WeightKind;
}

/** What settings ask of a device, known before anything is compiled. Bytes are exact up to what tuning changes. */
export interface Forecast {
  /** Of all buffers together. */
  readonly bytes: number;
  readonly largestBufferBytes: number;
  readonly gigaflopsPerStep: number;
  /** Null while the data was not read. */
  readonly stepsPerEpoch: number | null;
}

export type RunState =
  | 'preparing' // reading data
  | 'compiling'
  | 'running'
  | 'evaluating'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'failed';

export interface RunSummary {
  readonly reason: 'all-epochs' | 'stopped' | 'early-stop' | 'time-limit';
  readonly metricName: string;
  readonly before: number;
  readonly after: number;
  readonly best: { readonly epoch: number; readonly value: number };
  readonly baselines: Readonly<Record<string, number>>;
  readonly metricsBefore: Metrics;
  readonly metricsAfter: Metrics;
  /** Metric per action and per joint, class or whatever the task breaks it down by. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Training time without preparing and compiling. */
  readonly seconds: number;
  readonly steps: number;
  readonly stepMilliseconds: number;
  readonly livePeakBytes: number;
  readonly plan: PlanReport;
  readonly adapter: AdapterReport;
}

/** An error as it crosses; `kind` decides how the page words it. */
export interface ErrorReport {
  readonly kind: 'user' | 'bug' | 'device-lost';
  readonly code: string;
  readonly message: string;
  readonly detail: ErrorDetail;
  readonly stack: string;
}

/** Kernels of the training step, and those of predictions, which are compiled while training goes on. */
export type CompileWhat = 'tuning' | 'kernels' | 'predictionKernels';

export type RunEvent =
  | { readonly type: 'state'; readonly state: RunState }
  | { readonly type: 'data'; readonly report: DataReport }
  | { readonly type: 'frames'; readonly report: KeptFramesReport }
  | { readonly type: 'prepare'; readonly done: number; readonly total: number; readonly what: string }
  | {
      readonly type: 'compile';
      readonly what: CompileWhat;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'plan';
      readonly plan: PlanReport;
      readonly adapter: AdapterReport;
      readonly steps: number;
      readonly stepsPerEpoch: number;
    }
  /** What became of the weights that the run starts from. */
  | { readonly type: 'weights'; readonly report: WeightReport }
  | { readonly type: 'kernels'; readonly kernels: readonly KernelKind[] }
  | { readonly type: 'baseline'; readonly name: string; readonly value: number }
  | { readonly type: 'before'; readonly metrics: Metrics }
  /** The loss of the first step, which is taken once all of it is compiled. */
  | { readonly type: 'firstLoss'; readonly record: StepRecord }
  /**
   * At most ten a second, each with all the steps since the last. A run that went back to a checkpoint repeats
   * steps: the repeated ones replace those seen before.
   */
  | { readonly type: 'steps'; readonly records: readonly StepRecord[]; readonly secondsLeft: number }
  | { readonly type: 'epoch'; readonly record: EpochRecord; readonly best: RunRecord['best'] }
  /** What the task's view draws; `payload` is the task's own plain type (typed arrays allowed). */
  | {
      readonly type: 'view';
      readonly moment: Moment;
      /** Those that the payload shows. */
      readonly weights: WeightKind;
      readonly payload: unknown;
    }
  /** `held`: there was no room for it, so only memory has it, as long as the worker lives. */
  | { readonly type: 'checkpoint'; readonly step: number; readonly bytes: number; readonly held?: true }
  | { readonly type: 'change'; readonly change: SettingChange }
  | { readonly type: 'notice'; readonly code: string; readonly message: string; readonly detail: ErrorDetail }
  | { readonly type: 'finished'; readonly summary: RunSummary }
  | { readonly type: 'failed'; readonly error: ErrorReport };

/** A run that can be continued or looked at, as kept in IndexedDB. */
export interface RunRecord {
  readonly runId: string;
  readonly name: string;
  readonly task: string;
  readonly preset: string;
  readonly dataName: string;
  readonly dataKind: DataSource['kind'];
  /** As of the data that it was trained on; see `ChosenData`. */
  readonly repairText?: boolean;
  /** Where its files lie; see `ChosenData`. */
  readonly folder?: FileSystemDirectoryHandle;
  /** Files beside those of the demo; see `DemoData`. */
  readonly added?: readonly DataFile[];
  /** What became of the checkpoint that the run started from; absent where it started from initial values. */
  readonly weights?: WeightReport;
  /** As they are now. */
  readonly settings: Settings;
  /** What was changed since the start, the first first; absent where nothing was. */
  readonly changes?: readonly SettingChange[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly state: RunState;
  readonly step: number;
  readonly epoch: number;
  readonly steps: readonly StepRecord[];
  readonly epochs: readonly EpochRecord[];
  readonly baselines: Readonly<Record<string, number>>;
  readonly metricsBefore: Metrics;
  readonly best: { readonly epoch: number; readonly value: number } | null;
  readonly summary: RunSummary | null;
  /** Files of resized frames that it used; absent where it kept none. */
  readonly frames?: readonly string[];
  /** Bytes that this run holds in OPFS. */
  readonly bytes: number;
}

/** The train worker as the page sees it (through comlink). Calls answer within one training step. */
export interface TrainApi {
  adapter(): Promise<AdapterReport>;
  /** Reads the data without training and counts what it has read; throws UserError when nothing is usable. */
  check(
    task: string,
    data: DataSource,
    settings: Settings,
    onProgress?: (done: number, total: number) => void,
  ): Promise<DataReport>;
  /** Sizes the task's demo to this adapter: the preset to use and the settings to override. */
  sizeDemo(task: string): Promise<{ preset: string; settings: Settings }>;
  /**
   * Plans a run with these settings, on the data that was checked last where it is the task's. Null where the model
   * cannot be built without data. Throws UserError where they do not fit this device.
   */
  forecast(task: string, settings: Settings): Promise<Forecast | null>;
  /**
   * What a run of these settings would take of weights, by names and shapes alone, on the data that was checked last
   * where it is the task's. Null where the model cannot be built without data. Throws UserError `weights-other-model`.
   */
  matchWeights(task: string, settings: Settings, weights: readonly DataFile[]): Promise<WeightReport | null>;
  /** Starts a new run and returns when it ended, was stopped or failed (the events tell which). */
  start(config: RunConfig, onEvent: (event: RunEvent) => void): Promise<void>;
  /**
   * Continues a run from its newest checkpoint with the same data. `config.settings` are those of the run's record;
   * of these the loop's own (epochs, early stop, …) and those that may change in mid-run may differ.
   */
  resume(config: RunConfig, onEvent: (event: RunEvent) => void): Promise<void>;
  /** Finishes the steps under way, writes a checkpoint and waits; resolves when the run stands still. */
  pause(): Promise<void>;
  /** Goes on after `pause`. */
  unpause(): Promise<void>;
  /** One training step while paused. */
  step(): Promise<void>;
  /**
   * Finishes the steps under way, evaluates, keeps everything and ends the run; resolves when it has ended.
   * During a validation, and when called again, it ends the run without another validation (`after` is then NaN).
   */
  stop(): Promise<void>;
  /** Changes a setting that may change in mid-run (the task's schema says which). */
  set(key: string, value: SettingValue): Promise<void>;
  /**
   * Weights of a kept run with upstream's names, as .safetensors unless `format` says otherwise. Where the run kept
   * moving averages they are what leaves, unless `weights` asks for the raw ones.
   */
  exportWeights(runId: string, which: 'best' | 'last', format?: ExportFormat, weights?: WeightKind): Promise<Blob>;
}
