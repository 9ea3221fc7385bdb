// What of a run outlives its device: data, state, settings, record and the person's wishes.
import type { Tuning } from '../../engine/device/tuning';
import { decidingMetric } from '../../metrics/decidingMetric';
import type { Task } from '../../models/task';
import type { CreateTrainer } from '../trainer/createTrainer';
import { parameterGroups, ratesAt } from '../trainer/parameterGroups';
import type { CheckpointStore } from '../../runs/checkpointStore';
import type { Checkpoints } from '../checkpoints/checkpoints';
import type { Clock } from './clock';
import type { Control } from './control';
import { secondsLeft, validationsLeft } from './estimate';
import type { Journal, JournalHost } from './journal';
import type { AdapterReport, Metrics, PlanReport, RunConfig, RunSummary } from '../protocol';
import type { Progress } from '../../formats/progress';
import type { Settings } from '../../models/settings';
import type { Recoveries } from './recoveries';
import type { Evaluation, PreparedData, TaskRuntime } from '../runtime';
import type { HeldState } from '../trainer/stateTensors';
import { batchesPerEpoch } from '../../samples/sampler';
import { readSessionSettings, type SessionSettings } from './sessionSettings';
import type { SessionState } from './sessionState';

/** The world outside of a session: the page's worker, Node, or a test. */
export interface SessionHost extends JournalHost {
  /** Called once at the start and again after each loss. */
  readonly openDevice: () => Promise<{ readonly device: GPUDevice; readonly adapter: AdapterReport }>;
  /** A further device of the same adapter; see `TrainerOrder`. */
  readonly openHelper?: () => Promise<GPUDevice>;
  readonly createTrainer: CreateTrainer;
  readonly checkpoints: CheckpointStore;
  /** What is known of the fastest kernels on an adapter; without it they are guessed. */
  readonly tuning?: (adapter: AdapterReport) => Promise<Tuning>;
  /** Reads the run's data, or takes it as it was read before. */
  readonly prepareData: (settings: Settings, progress: Progress) => Promise<PreparedData>;
}

/** What a session needs to know of a task. */
export type SessionTask = Pick<Task, 'name' | 'metric' | 'settings'>;

export type Ending = RunSummary['reason'];

export interface RunParts {
  readonly config: RunConfig;
  readonly task: SessionTask;
  readonly runtime: TaskRuntime;
  readonly host: SessionHost;
  readonly journal: Journal;
  readonly control: Control;
  readonly clock: Clock;
  readonly checkpoints: Checkpoints;
  readonly recoveries: Recoveries;
  readonly data: PreparedData;
  readonly settings: Settings;
  readonly state: SessionState;
}

export class RunContext {
  readonly config: RunConfig;
  readonly task: SessionTask;
  readonly runtime: TaskRuntime;
  readonly host: SessionHost;
  readonly journal: Journal;
  readonly control: Control;
  readonly clock: Clock;
  readonly checkpoints: Checkpoints;
  readonly recoveries: Recoveries;
  readonly data: PreparedData;
  state: SessionState;
  /** Why the run ends; null while it goes on. */
  ending: Ending | null = null;
  /** The newest whole validation after training began, and the step that it was of. */
  evaluated: { readonly step: number; readonly evaluation: Evaluation } | null = null;
  evaluatedBefore = false;
  /** The weights before the first step, where training went ahead of their validation. */
  untrained: HeldState | null = null;
  validationSeconds = 0;
  /** Time of a step by the latest ones; 0 before the first. */
  stepMilliseconds = 0;
  livePeakBytes = 0;
  plan: PlanReport | null = null;
  adapter: AdapterReport | null = null;
  #settings: Settings;
  #loop: SessionSettings;

  constructor(parts: RunParts) {
    this.config = parts.config;
    this.task = parts.task;
    this.runtime = parts.runtime;
    this.host = parts.host;
    this.journal = parts.journal;
    this.control = parts.control;
    this.clock = parts.clock;
    this.checkpoints = parts.checkpoints;
    this.recoveries = parts.recoveries;
    this.data = parts.data;
    this.state = parts.state;
    this.#settings = parts.settings;
    this.#loop = readSessionSettings(parts.settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#loop = readSessionSettings(settings);
    this.#settings = settings;
    this.journal.settings(settings);
  }

  /** The settings that the loop itself reads. */
  get loop(): SessionSettings {
    return this.#loop;
  }

  get stepsPerEpoch(): number {
    return Math.ceil(batchesPerEpoch(this.data.trainClips, this.state.batch) / this.loop.accumulation);
  }

  get steps(): number {
    return this.loop.epochs * this.stepsPerEpoch;
  }

  get timeIsUp(): boolean {
    return this.loop.timeLimitSeconds > 0 && this.clock.seconds >= this.loop.timeLimitSeconds;
  }

  /** Learning rates of all parameter groups at a step, by the settings of now. */
  rates(step: number): readonly number[] {
    const { runtime, data, stepsPerEpoch, state } = this;
    const groups = parameterGroups(runtime, this.#settings, data.facts);
    return ratesAt(runtime, groups, this.#settings, { step, stepsPerEpoch, rateFactor: state.rateFactor });
  }

  /** The metric that decides which epoch is best. */
  decisive(metrics: Metrics): number {
    return metrics[decidingMetric(this.task.metric.name, metrics)] ?? NaN;
  }

  /** An estimate, by the time of the latest steps. */
  get secondsLeft(): number {
    const { epochs, validateEvery, timeLimitSeconds } = this.loop;
    return secondsLeft({
      steps: Math.max(0, this.steps - (this.state.epoch - 1) * this.stepsPerEpoch - this.state.position),
      stepMilliseconds: this.stepMilliseconds,
      validations: validationsLeft(this.state.epoch, epochs, validateEvery),
      validationSeconds: this.validationSeconds,
      limitSeconds: timeLimitSeconds > 0 ? timeLimitSeconds - this.clock.seconds : Infinity,
    });
  }
}
