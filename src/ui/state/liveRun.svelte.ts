// One run as the page sees it: what its events said so far, ready to be drawn.
import type {
  AdapterReport,
  EpochRecord,
  ErrorReport,
  Metrics,
  PlanReport,
  RunConfig,
  RunEvent,
  RunRecord,
  RunState,
  RunSummary,
  StepRecord,
  KernelKind,
} from '../../training/protocol';
import type { DataReport } from '../../annotations/dataReport';
import type { KeptFramesReport } from '../../frames/videoStore';
import type { WeightReport } from '../../training/weights/weightReport';

interface Counted {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

export type Moment = 'before' | 'now' | 'after';

const recentSteps = 40;

export class LiveRun {
  readonly config: RunConfig;
  /** All steps, kept out of reactive state because there are thousands; `arrivals` tells when it grew. */
  readonly records: StepRecord[] = [];

  #state = $state<RunState>('preparing');
  #recorded = $state(0);
  /** Grows with every event of steps: after going back to a checkpoint the count alone may stay the same. */
  #arrivals = $state(0);
  #prepare = $state.raw<Counted | null>(null);
  #compile = $state.raw<Counted | null>(null);
  #kernels = $state.raw<readonly KernelKind[]>([]);
  #data = $state.raw<DataReport | null>(null);
  #frames = $state.raw<KeptFramesReport | null>(null);
  #plan = $state.raw<PlanReport | null>(null);
  #adapter = $state.raw<AdapterReport | null>(null);
  #totalSteps = $state(0);
  #stepsPerEpoch = $state(0);
  #secondsLeft = $state(NaN);
  #epochs = $state.raw<readonly EpochRecord[]>([]);
  #baselines = $state.raw<Readonly<Record<string, number>>>({});
  #weights = $state.raw<WeightReport | null>(null);
  #metricsBefore = $state.raw<Metrics | null>(null);
  #views = $state.raw<Readonly<Partial<Record<Moment, unknown>>>>({});
  #checkpoint = $state.raw<{ readonly step: number; readonly bytes: number; readonly at: number } | null>(null);
  #summary = $state.raw<RunSummary | null>(null);
  #error = $state.raw<ErrorReport | null>(null);

  readonly latest: StepRecord | null = $derived(
    this.#arrivals >= 0 && this.#recorded > 0 ? this.records.at(-1)! : null,
  );
  readonly step: number = $derived(this.latest?.step ?? 0);
  readonly progress: number = $derived(this.#totalSteps > 0 ? Math.min(1, this.step / this.#totalSteps) : 0);
  readonly best: EpochRecord | null = $derived(this.#epochs.findLast((record) => record.best) ?? null);
  readonly ended: boolean = $derived(this.#state === 'finished' || this.#state === 'failed');
  readonly stepMilliseconds: number = $derived(this.#recentMilliseconds());

  /** `record` is given when a kept run goes on: its curves are shown from the start, its views if `shown` has them. */
  constructor(config: RunConfig, record?: RunRecord, shown: LiveRun | null = null) {
    this.config = config;
    if (record === undefined) return;
    if (shown?.config.runId === config.runId) this.#views = shown.views;
    this.records.push(...record.steps);
    this.#recorded = this.records.length;
    this.#epochs = record.epochs;
    this.#baselines = record.baselines;
    this.#weights = record.weights ?? null;
    this.#metricsBefore = record.metricsBefore;
  }

  get state() {
    return this.#state;
  }
  get arrivals() {
    return this.#arrivals;
  }
  get prepare() {
    return this.#prepare;
  }
  get compile() {
    return this.#compile;
  }
  get data() {
    return this.#data;
  }
  /** What became of the resized frames of its videos; null where it has none, or keeps none. */
  get frames() {
    return this.#frames;
  }
  get plan() {
    return this.#plan;
  }
  get adapter() {
    return this.#adapter;
  }
  /** Times of a step's kernels, where they were asked for. */
  get kernels() {
    return this.#kernels;
  }
  get totalSteps() {
    return this.#totalSteps;
  }
  get stepsPerEpoch() {
    return this.#stepsPerEpoch;
  }
  get secondsLeft() {
    return this.#secondsLeft;
  }
  get epochs() {
    return this.#epochs;
  }
  get baselines() {
    return this.#baselines;
  }
  /** What became of the checkpoint that the run starts from; null where it starts from initial values. */
  get weights() {
    return this.#weights;
  }
  get metricsBefore() {
    return this.#metricsBefore;
  }
  get views() {
    return this.#views;
  }
  get checkpoint() {
    return this.#checkpoint;
  }
  get summary() {
    return this.#summary;
  }
  get error() {
    return this.#error;
  }

  apply(event: RunEvent): void {
    switch (event.type) {
      case 'state':
        this.#state = event.state;
        break;
      case 'data':
        this.#data = event.report;
        break;
      case 'frames':
        this.#frames = event.report;
        break;
      case 'prepare':
        this.#prepare = event;
        break;
      case 'compile':
        this.#compile = event;
        break;
      case 'plan':
        this.#plan = event.plan;
        this.#adapter = event.adapter;
        this.#totalSteps = event.steps;
        this.#stepsPerEpoch = event.stepsPerEpoch;
        break;
      case 'weights':
        this.#weights = event.report;
        break;
      case 'kernels':
        this.#kernels = event.kernels;
        break;
      case 'baseline':
        this.#baselines = { ...this.#baselines, [event.name]: event.value };
        break;
      case 'before':
        this.#metricsBefore = event.metrics;
        break;
      case 'steps':
        this.#addSteps(event.records);
        this.#secondsLeft = event.secondsLeft;
        break;
      case 'epoch':
        this.#epochs = [...this.#epochs.filter((record) => record.epoch < event.record.epoch), event.record];
        break;
      case 'view':
        this.#views = { ...this.#views, [event.moment]: event.payload };
        break;
      case 'checkpoint':
        this.#checkpoint = { step: event.step, bytes: event.bytes, at: Date.now() };
        break;
      case 'finished':
        this.#summary = event.summary;
        this.#state = 'finished';
        break;
      case 'failed':
        this.fail(event.error);
        break;
      case 'notice':
        break;
    }
  }

  fail(error: ErrorReport): void {
    this.#error = error;
    this.#state = 'failed';
  }

  /** A run that went back to a checkpoint repeats steps: the repeated ones replace those seen before. */
  #addSteps(added: readonly StepRecord[]): void {
    const first = added[0];
    if (first === undefined) return;
    if (first.step <= (this.records.at(-1)?.step ?? 0)) {
      const keep = this.records.findIndex((record) => record.step >= first.step);
      this.records.length = keep;
    }
    this.records.push(...added);
    this.#arrivals++;
    this.#recorded = this.records.length;
  }

  #recentMilliseconds(): number {
    if (this.latest === null) return NaN;
    const recent = this.records.slice(-recentSteps);
    return recent.reduce((sum, record) => sum + record.milliseconds, 0) / recent.length;
  }
}
