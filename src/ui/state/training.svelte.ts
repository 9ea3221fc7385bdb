// The run under way: started, paused, stepped and stopped through the worker, and followed by its events.
import type { ErrorReport, RunConfig, RunEvent, TrainApi } from '../../training/protocol';
import type { SettingValue } from '../../models/settings';
import { taskText } from '../tasks';
import { observeError, reportOf, sentence } from './errorReports';
import type { LiveRun } from './liveRun.svelte';
import type { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';
import { askToPersist } from './persistence';
import { WakeLock } from './wakeLock';

/** Errors after which there is no run to look at: it was refused, or stopped before its first step. */
const refusals: ReadonlySet<string> = new Set(['second-tab', 'run-under-way', 'stopped-before-training']);

export type Begin = (config: RunConfig, onEvent: (event: RunEvent) => void) => Promise<void>;

export class Training {
  readonly #api: TrainApi;
  readonly #notices: Notices;
  readonly #tell: (thrown: unknown) => void;
  readonly #wakeLock = new WakeLock();
  #run = $state.raw<LiveRun | null>(null);
  #announcement = $state('');
  #keepAwake = $state(true);
  /** Runs whose newest weights only the worker's memory has. */
  #held = $state.raw<ReadonlySet<string>>(new Set());
  /** Settles when the worker is done with the run that was started last. */
  #done: Promise<void> = Promise.resolve();

  readonly active: boolean = $derived(this.#run !== null && !this.#run.ended);

  constructor(api: TrainApi, notices: Notices, tell: (thrown: unknown) => void) {
    this.#api = api;
    this.#notices = notices;
    this.#tell = tell;
  }

  get run() {
    return this.#run;
  }
  /** Said to screen readers, once per epoch. */
  get announcement() {
    return this.#announcement;
  }
  get keepAwake() {
    return this.#keepAwake;
  }
  set keepAwake(wanted: boolean) {
    this.#keepAwake = wanted;
    this.#wakeLock.want(wanted && this.active);
  }

  /** Follows the run until the worker is done with it; failures are shown by the run itself. */
  async follow(run: LiveRun, begin: Begin): Promise<void> {
    await this.#done;
    this.#run = run;
    this.#wakeLock.want(this.#keepAwake);
    this.#done = begin(run.config, (event) => this.#hear(run, event)).catch((thrown: unknown) => {
      const error = reportOf(thrown);
      observeError(error);
      if (run.ended) return;
      run.fail(error);
      this.#forgetRefused(run, error);
    });
    await this.#done;
    this.#wakeLock.want(false);
  }

  /** The last event arrives a moment before the worker has saved the run and is free again. */
  async saved(): Promise<void> {
    if (!this.active) await this.#done;
  }

  /** Whether weights of a run are lost with the page: there was no room to store them. */
  holds(runId: string): boolean {
    return this.#held.has(runId);
  }

  /** Shows a kept run, which is not trained. */
  show(run: LiveRun): void {
    if (!this.active) this.#run = run;
  }

  /** Takes the ended run off the page. */
  clear(): void {
    if (!this.active) this.#run = null;
  }

  async togglePause(): Promise<void> {
    const state = this.#run?.state;
    if (state === 'paused') await this.#call(() => this.#api.unpause());
    else if (state === 'running') await this.#call(() => this.#api.pause());
  }

  async step(): Promise<void> {
    await this.#call(() => this.#api.step());
  }

  async stop(): Promise<void> {
    await this.#call(() => this.#api.stop());
  }

  async set(key: string, value: SettingValue): Promise<void> {
    await this.#call(() => this.#api.set(key, value));
  }

  #hear(run: LiveRun, event: RunEvent): void {
    globalThis.tabtuneObserver?.(event);
    run.apply(event);
    const { text, locale } = preferences;
    if (event.type === 'epoch') {
      this.#announcement = text.announce.epoch(event.record, epochsOf(run.config), locale);
    } else if (event.type === 'finished') {
      this.#announcement = text.announce.finished;
    } else if (event.type === 'checkpoint') {
      void askToPersist();
      this.#hold(run.config.runId, event.held === true);
    } else if (event.type === 'notice') {
      this.#notices.add({ tone: 'info', say: (current) => sentence(event, current, wordsOf(run)) });
    } else if (event.type === 'failed') {
      this.#forgetRefused(run, event.error);
    }
  }

  /** Leaving the page is asked about as long as something would go with it. */
  #hold(runId: string, held: boolean): void {
    const others = [...this.#held].filter((id) => id !== runId);
    this.#held = new Set(held ? [...others, runId] : others);
    window.onbeforeunload = this.#held.size > 0 ? (event) => event.preventDefault() : null;
  }

  /** Leaves the form as it was, with a notice. */
  #forgetRefused(run: LiveRun, error: ErrorReport): void {
    if (!refusals.has(error.code)) return;
    if (this.#run === run) this.#run = null;
    this.#notices.add({ tone: 'warn', say: (current) => sentence(error, current, wordsOf(run)) });
  }

  async #call(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      this.#tell(thrown);
    }
  }
}

function wordsOf(run: LiveRun) {
  return taskText(run.config.task, preferences.locale);
}

/** Number of epochs that a run was asked for, where its task has such a setting. */
export function epochsOf(config: RunConfig): number | null {
  const epochs = config.settings['epochs'];
  return typeof epochs === 'number' ? epochs : null;
}
