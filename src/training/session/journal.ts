// Tells the page what happens and keeps the run's record: the same facts, sent as events and saved.
import { UserError } from '../../errors';
import { withoutMedia } from '../../runs/keptMedia';
import type { RunKeeper } from '../../runs/runStore';
import type {
  CompileWhat,
  EpochRecord,
  ErrorReport,
  Metrics,
  RunConfig,
  RunEvent,
  RunRecord,
  RunState,
  RunSummary,
  Moment,
  SettingChange,
  StepRecord,
  WeightKind,
} from '../protocol';
import type { SavedCheckpoint } from '../checkpoints/checkpoints';
import type { Settings } from '../../models/settings';
import type { KeptFramesReport } from '../../frames/videoStore';
import type { Progress } from '../../formats/progress';
import type { SessionState } from './sessionState';
import type { WeightReport } from '../weights/weightReport';

const eventMilliseconds = 100;

export interface JournalHost {
  readonly runs: RunKeeper;
  readonly emit: (event: RunEvent) => void;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
}

export class Journal {
  readonly #host: JournalHost;
  #record: RunRecord;
  #steps: StepRecord[];
  #unsent: StepRecord[] = [];
  #sentAt = -Infinity;
  #saving: Promise<void> = Promise.resolve();
  #refused = false;
  #told: RunState | null = null;

  /** `former` is the record of the run that is continued. */
  constructor(host: JournalHost, config: RunConfig, former?: RunRecord) {
    this.#host = host;
    this.#steps = [...(former?.steps ?? [])];
    this.#record = former ?? newRecord(config);
  }

  get record(): RunRecord {
    return { ...this.#record, steps: this.#steps };
  }

  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  /** The state that the page was told last. */
  get told(): RunState | null {
    return this.#told;
  }

  emit(event: RunEvent): void {
    this.#host.emit(event);
  }

  state(state: RunState, secondsLeft: number): void {
    this.sendSteps(secondsLeft);
    if (state !== this.#told) this.emit({ type: 'state', state });
    this.#told = state;
    this.#change({ state });
  }

  notice(code: string, message: string, detail: UserError['detail'] = {}): void {
    this.emit({ type: 'notice', code, message, detail });
  }

  step(record: StepRecord): void {
    this.#steps.push(record);
    this.#unsent.push(record);
    this.#change({ step: record.step, epoch: record.epoch });
  }

  /** Sends the steps that were not sent yet; with `atMost`, not more often than ten times a second. */
  sendSteps(secondsLeft: number, atMost?: 'ten a second'): void {
    const now = this.#host.now();
    if (this.#unsent.length === 0 || (atMost && now - this.#sentAt < eventMilliseconds)) return;
    this.emit({ type: 'steps', records: this.#unsent, secondsLeft });
    this.#unsent = [];
    this.#sentAt = now;
  }

  epoch(record: EpochRecord): void {
    const epochs = [...this.#record.epochs.filter(({ epoch }) => epoch < record.epoch), record];
    this.#change({ epochs });
    this.emit({ type: 'epoch', record, best: this.#record.best });
  }

  best(best: RunRecord['best']): void {
    this.#change({ best: best && { epoch: best.epoch, value: best.value } });
  }

  /** The view that the page draws, kept with the run so that it can be opened again. */
  view(moment: Moment, weights: WeightKind, payload: unknown): void {
    this.emit({ type: 'view', moment, weights, payload });
    // A person's videos stay where they are.
    const kept = this.#record.dataKind === 'files' ? withoutMedia(payload) : payload;
    void this.#keep(() => this.#host.runs.putView(this.#record.runId, moment, kept));
  }

  changed(change: SettingChange): void {
    if (JSON.stringify(change.from) === JSON.stringify(change.to)) return;
    this.#change({ changes: [...(this.#record.changes ?? []), change] });
    this.emit({ type: 'change', change });
  }

  /** A run goes on from a checkpoint: changes after it did not happen, what differs from its settings now does. */
  resumed({ step, settings: former }: SessionState, settings: Settings): void {
    const kept = (this.#record.changes ?? []).filter(
      (change) => change.step < step || (change.step === step && change.to === former[change.key]),
    );
    if (this.#record.changes) this.#change({ changes: kept });
    for (const [key, to] of Object.entries(settings))
      if (former[key] !== undefined) this.changed({ step, key, from: former[key], to });
  }

  before(metrics: Metrics): void {
    this.#change({ metricsBefore: metrics });
    this.emit({ type: 'before', metrics });
  }

  baselines(baselines: Readonly<Record<string, number>>): void {
    this.#change({ baselines });
    for (const [name, value] of Object.entries(baselines)) this.emit({ type: 'baseline', name, value });
  }

  frames(report: KeptFramesReport): void {
    this.#change({ frames: report.files });
    this.emit({ type: 'frames', report });
  }

  weights(report: WeightReport): void {
    this.#change({ weights: report });
    this.emit({ type: 'weights', report });
  }

  settings(settings: Settings): void {
    this.#change({ settings });
  }

  checkpoint({ step, bytes, allBytes, refused }: SavedCheckpoint): void {
    this.#change({ bytes: allBytes });
    this.emit({ type: 'checkpoint', step, bytes, ...(refused && { held: true }) });
  }

  finished(summary: RunSummary): void {
    this.#change({ summary, state: 'finished' });
    this.emit({ type: 'finished', summary });
    this.emit({ type: 'state', state: 'finished' });
  }

  failed(error: ErrorReport): void {
    this.sendSteps(NaN);
    this.#change({ state: 'failed' });
    this.emit({ type: 'failed', error });
    this.emit({ type: 'state', state: 'failed' });
  }

  /** The run goes back to `state`: what was recorded after it did not happen. */
  rewind(state: SessionState): void {
    this.#unsent = this.#unsent.filter(({ step }) => step <= state.step);
    const kept = this.#steps.findIndex((record) => record.step > state.step);
    if (kept >= 0) this.#steps.length = kept;
    const { changes } = this.#record;
    this.#change({
      step: state.step,
      epoch: state.epoch,
      epochs: this.#record.epochs.filter(({ epoch }) => epoch < state.epoch),
      // They stand, and now hold from here on.
      ...(changes && { changes: changes.map((one) => ({ ...one, step: Math.min(one.step, state.step) })) }),
    });
    this.best(state.best);
  }

  /**
   * Saves the record; saves follow one another in order. Where the browser keeps nothing the person hears
   * of it once and the run goes on.
   */
  save(): Promise<void> {
    const { record } = this;
    return this.#keep(() => this.#host.runs.putRun({ ...record, updatedAt: Date.now() }));
  }

  #keep(put: () => Promise<void>): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      try {
        await put();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (!this.#refused) this.notice(error.code, error.message, error.detail);
        this.#refused = true;
      }
    });
    return this.#saving;
  }

  /** Progress as events, at most ten a second for each thing that is done. */
  progress(type: 'prepare' | 'compile', proceed: () => void): Progress {
    let sentAt = -Infinity;
    let last = '';
    return (what, done, total) => {
      proceed();
      const now = this.#host.now();
      if (what === last && done < total && now - sentAt < eventMilliseconds) return;
      sentAt = now;
      last = what;
      if (type === 'prepare') this.emit({ type, what, done, total });
      else this.emit({ type, what: what as CompileWhat, done, total });
    };
  }

  #change(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
  }
}

function newRecord(config: RunConfig): RunRecord {
  const now = Date.now();
  return {
    runId: config.runId,
    name: config.name,
    task: config.task,
    preset: config.preset,
    dataName: config.data.kind === 'files' ? config.data.name : 'demo',
    dataKind: config.data.kind,
    ...(config.data.kind === 'files' && config.data.repairText === true && { repairText: true }),
    ...(config.data.kind === 'files' && config.data.folder && { folder: config.data.folder }),
    ...(config.data.kind === 'demo' && config.data.added && { added: config.data.added }),
    settings: config.settings,
    createdAt: now,
    updatedAt: now,
    state: 'preparing',
    step: 0,
    epoch: 1,
    steps: [],
    epochs: [],
    baselines: {},
    metricsBefore: {},
    best: null,
    summary: null,
    bytes: 0,
  };
}
