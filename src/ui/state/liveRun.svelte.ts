// One run as the page sees it: what its events said so far, ready to be drawn.
import type {
  AdapterReport,
  EpochRecord,
  ErrorReport,
  Metrics,
  Moment,
  PlanReport,
  RunConfig,
  RunEvent,
  RunRecord,
  RunState,
  RunSummary,
  SettingChange,
  StepRecord,
  KernelKind,
} from '../../training/protocol';
import type { KeptViews } from '../../runs/runStore';
import type { DataReport } from '../../annotations/dataReport';
import type { KeptFramesReport } from '../../frames/videoStore';
import type { WeightReport } from '../../training/weights/weightReport';
import type { Counted } from '../strings/countedText';

/** `held`: only memory has it, and it is lost with the page. */
interface LastCheckpoint {
  readonly step: number;
  readonly bytes: number;
  readonly at: number;
  readonly held: boolean;
}

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
  #keeping = $state.raw<Counted | null>(null);
  #compile = $state.raw<Counted | null>(null);
  #predictions = $state.raw<Counted | null>(null);
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
  #checkpoint = $state.raw<LastCheckpoint | null>(null);
  #best = $state.raw<RunRecord['best']>(null);
  #changes = $state.raw<readonly SettingChange[]>([]);
  /** How often its GPU was lost. */
  #losses = $state(0);
  #looksBack = false;
  #summary = $state.raw<RunSummary | null>(null);
  #error = $state.raw<ErrorReport | null>(null);

  readonly latest: StepRecord | null = $derived(
    this.#arrivals >= 0 && this.#recorded > 0 ? this.records.at(-1)! : null,
  );
  readonly step: number = $derived(this.latest?.step ?? 0);
  readonly progress: number = $derived(this.#totalSteps > 0 ? Math.min(1, this.step / this.#totalSteps) : 0);
  readonly ended: boolean = $derived(this.#state === 'finished' || this.#state === 'failed');
  readonly stepMilliseconds: number = $derived(this.#recentMilliseconds());

  /** `record` is given when a kept run goes on: its curves are shown from the start, and its views. */
  constructor(config: RunConfig, record?: RunRecord, views: KeptViews = {}) {
    this.config = config;
    if (record === undefined) return;
    this.#views = views;
    this.#best = record.best;
    this.#changes = record.changes ?? [];
    this.records.push(...record.steps);
    this.#recorded = this.records.length;
    this.#epochs = record.epochs;
    this.#baselines = record.baselines;
    this.#weights = record.weights ?? null;
    this.#metricsBefore = record.metricsBefore;
  }

  /** A kept run that is looked at, not trained: as it ended, or as it was interrupted. */
  static opened(record: RunRecord, views: KeptViews): LiveRun {
    const { runId, name, task, preset, settings, dataKind, dataName } = record;
    const data = dataKind === 'demo' ? ({ kind: 'demo' } as const) : { kind: dataKind, name: dataName, files: [] };
    const run = new LiveRun({ runId, name, task, preset, settings, data }, record, views);
    run.#looksBack = true;
    run.#summary = record.summary;
    run.#plan = record.summary?.plan ?? null;
    run.#adapter = record.summary?.adapter ?? null;
    const [first] = record.epochs;
    run.#stepsPerEpoch = first ? Math.round(first.step / first.epoch) : 0;
    run.#totalSteps = record.summary ? record.step : 0;
    run.#state = record.state === 'failed' ? 'failed' : 'finished';
    return run;
  }

  get state() {
    return this.#state;
  }
  /** True for a run that was opened to be looked at. */
  get looksBack(): boolean {
    return this.#looksBack;
  }
  /** Of all validations so far. */
  get best() {
    return this.#best;
  }
  get changes() {
    return this.#changes;
  }
  get losses() {
    return this.#losses;
  }
  get arrivals() {
    return this.#arrivals;
  }
  get prepare() {
    return this.#prepare;
  }
  /** Frames that are kept beside training; null where that has ended, or there are none. */
  get keeping() {
    return this.#frames || this.ended ? null : this.#keeping;
  }
  get compile() {
    return this.#compile;
  }
  /** Kernels of predictions, which are compiled beside training. */
  get predictions() {
    return this.#predictions;
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
        if (event.what === 'frames') this.#keeping = event;
        else this.#prepare = event;
        break;
      case 'compile':
        if (event.what === 'predictionKernels') this.#predictions = event;
        else this.#compile = event;
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
      case 'firstLoss':
        this.#addSteps([event.record]);
        break;
      case 'steps':
        this.#addSteps(event.records);
        this.#secondsLeft = event.secondsLeft;
        break;
      case 'epoch':
        this.#epochs = [...this.#epochs.filter((record) => record.epoch < event.record.epoch), event.record];
        this.#best = event.best;
        break;
      case 'view':
        this.#views = { ...this.#views, [event.moment]: event.payload };
        break;
      case 'checkpoint':
        this.#checkpoint = { step: event.step, bytes: event.bytes, at: Date.now(), held: event.held === true };
        break;
      case 'finished':
        this.#summary = event.summary;
        this.#state = 'finished';
        break;
      case 'failed':
        this.fail(event.error);
        break;
      case 'change':
        this.#changes = [...this.#changes, event.change];
        break;
      case 'notice':
        if (event.code === 'device-lost') this.#losses++;
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
    // The first loss comes before its step, which nobody timed yet.
    const recent = this.records.slice(-recentSteps).filter(({ milliseconds }) => milliseconds > 0);
    return recent.reduce((sum, record) => sum + record.milliseconds, 0) / recent.length;
  }
}
