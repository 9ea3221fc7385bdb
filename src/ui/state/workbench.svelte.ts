// The page's one state: the form, the run, the kept runs, and every action that talks to the train worker.
//
// Automation may rely on these (in English; roles and accessible names as in the ARIA tree):
// - open `/#v=1&task=pose&preset=NAME&set.KEY=VALUE`; the form fills, nothing starts;
// - file inputs: label "Choose a folder" (webkitdirectory) and label "Choose files" (multiple);
//   once set, the region "Data check" shows the counts;
// - button "Train the demo" while no data is chosen, button "Start training" once some is;
//   then "Pause", "Continue training", "Do one step", "Stop and keep", "New run";
// - button "Use the demo"; combobox "Preset"; a setting's field has the id `setting-KEY`;
// - navigation "Main" with buttons "Train" and "Runs"; the progressbar is named "Progress";
// - `globalThis.tabtuneObserver`, if it is a function, hears every RunEvent; errors of calls arrive as `failed` events.
import { tick } from 'svelte';
import type { Task } from '../../models/task';
import { memorableName } from '../../runs/names';
import type { RunHead } from '../../runs/runStore';
import type {
  AdapterReport,
  DataReport,
  DataSource,
  ErrorReport,
  RunConfig,
  RunEvent,
  Settings,
  TrainApi,
} from '../../training/protocol';
import { download } from '../files/download';
import { findTask, taskText } from '../tasks';
import { Draft } from './draft.svelte';
import { reportOf, sentence } from './errorReports';
import { LiveRun } from './liveRun.svelte';
import { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';
import { RunList, wasInterrupted, type RunStore } from './runList.svelte';
import { WakeLock } from './wakeLock';

declare global {
  // What `globalThis` needs for a name to be known; only `var` does that.
  var tabtuneObserver: ((event: RunEvent) => void) | undefined;
}

export type Gpu =
  | { readonly state: 'asking' }
  | { readonly state: 'ready'; readonly adapter: AdapterReport }
  | { readonly state: 'missing'; readonly error: ErrorReport | null };

export type StepName = 'task' | 'data' | 'settings' | 'train';

export interface Connections {
  readonly connect: (onCrash: (error: Error) => void) => TrainApi;
  readonly runStore: RunStore;
}

export class Workbench {
  readonly draft: Draft;
  readonly notices = new Notices();
  readonly runs: RunList;
  readonly #api: TrainApi;
  readonly #wakeLock = new WakeLock();

  screen = $state<'train' | 'runs'>('train');
  readonly openSteps = $state<Record<StepName, boolean>>({ task: false, data: true, settings: true, train: true });
  allSettingsOpen = $state(false);
  #gpu = $state.raw<Gpu>({ state: 'asking' });
  #run = $state.raw<LiveRun | null>(null);
  #busy = $state<'sizing' | 'checking' | null>(null);
  #check = $state.raw<DataReport | null>(null);
  #checkError = $state.raw<ErrorReport | null>(null);
  #waitingForFiles = $state.raw<RunHead | null>(null);
  #announcement = $state('');
  #keepAwake = $state(true);

  readonly active: boolean = $derived(this.#run !== null && !this.#run.ended);
  readonly canTrain: boolean = $derived(this.#gpu.state !== 'missing' && this.#busy === null && !this.active);
  /** The newest run that can go on, offered while nothing else is under way. */
  readonly continuable: RunHead | null = $derived.by(() =>
    this.#run === null ? (this.runs.all.find((head) => wasInterrupted(head)) ?? null) : null,
  );

  constructor(tasks: readonly Task[], connections: Connections) {
    this.draft = new Draft(tasks[0]!);
    this.runs = new RunList(connections.runStore, this.notices, (thrown) => this.#tell(thrown));
    this.#api = connections.connect((error) => this.#crash(error));
    void this.#askForGpu();
    void this.runs.refresh();
  }

  get gpu() {
    return this.#gpu;
  }
  get run() {
    return this.#run;
  }
  get busy() {
    return this.#busy;
  }
  get check() {
    return this.#check;
  }
  get checkError() {
    return this.#checkError;
  }
  /** The run that goes on as soon as its files are chosen again. */
  get waitingForFiles() {
    return this.#waitingForFiles;
  }
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

  chooseTask(task: Task): void {
    this.draft.chooseTask(task);
    this.#clearCheck();
  }

  /** Takes the data over; files are read at once to say what of them is usable. */
  async chooseData(data: DataSource): Promise<void> {
    this.draft.data = data;
    this.#clearCheck();
    const waiting = this.#waitingForFiles;
    if (waiting !== null && data.kind === 'files') return this.continueRun(waiting, data);
    if (data.kind === 'demo') return this.#sizeDemo();
    await this.#checkData(data);
  }

  forgetData(): void {
    this.draft.data = null;
    this.#clearCheck();
  }

  /** The whole way in one step: the demo, sized for this adapter, is trained. */
  async trainDemo(): Promise<void> {
    if (!this.canTrain) return;
    this.draft.data = { kind: 'demo' };
    this.#clearCheck();
    await this.#sizeDemo();
    await this.start();
  }

  async start(): Promise<void> {
    const { data, settings, task, preset, firstInvalid } = this.draft;
    if (firstInvalid !== null) return this.focusSetting(firstInvalid);
    if (!this.canTrain || data === null || settings === null) return;
    const name = memorableName(this.runs.names);
    const config = { runId: crypto.randomUUID(), name, task: task.name, preset, data, settings };
    await this.#train(new LiveRun(config), (run) => this.#api.start(config, (event) => this.#hear(run, event)));
  }

  /** Goes on with a kept run. Files do not survive a reload, so they must be chosen again. */
  async continueRun(head: RunHead, files?: DataSource): Promise<void> {
    const task = findTask(head.task);
    const record = await this.runs.get(head.runId);
    if (task === undefined || record === undefined || this.active) return;
    this.screen = 'train';
    this.draft.fill(task, record.preset, record.settings);
    if (record.dataKind === 'files' && files === undefined) {
      this.#waitingForFiles = record;
      this.#run = null;
      this.openSteps.data = true;
      return;
    }
    const data = files ?? { kind: 'demo' };
    this.draft.data = data;
    this.#waitingForFiles = null;
    const { runId, name, preset, settings } = record;
    const config = { runId, name, task: record.task, preset, data, settings };
    await this.#train(new LiveRun(config, record), (run) => this.#api.resume(config, (event) => this.#hear(run, event)));
  }

  cancelWaiting(): void {
    this.#waitingForFiles = null;
  }

  /** After a failure: the same run from its last checkpoint, with the data that is still at hand. */
  async retry(): Promise<void> {
    const config = this.#run?.config;
    await this.runs.refresh();
    const record = this.runs.all.find((candidate) => candidate.runId === config?.runId);
    if (record !== undefined && config !== undefined) await this.continueRun(record, config.data);
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

  /** Hands a changed setting to the run under way; does nothing when it is invalid or may not change. */
  async setInRun(key: string): Promise<void> {
    const reading = this.draft.readings[key];
    const setting = this.draft.task.settings.find((candidate) => candidate.key === key);
    if (!this.active || reading?.ok !== true || setting?.midRun !== true) return;
    await this.#call(() => this.#api.set(key, reading.value));
  }

  newRun(): void {
    if (this.active) return;
    this.#run = null;
    this.openSteps.data = true;
    this.openSteps.settings = true;
  }

  useSettingsOf(record: RunHead): void {
    const task = findTask(record.task);
    if (task === undefined || this.active) return;
    this.newRun();
    this.draft.fill(task, record.preset, record.settings);
    this.screen = 'train';
  }

  async exportWeights(runId: string, name: string, which: 'best' | 'last'): Promise<void> {
    await this.#call(async () => download(`${name}.${which}.safetensors`, await this.#api.exportWeights(runId, which)));
  }

  /** Ctrl+Enter: start, pause or go on, whichever is next. */
  async startOrPause(): Promise<void> {
    if (this.active) await this.togglePause();
    else if (this.#run === null) await (this.draft.data === null ? this.trainDemo() : this.start());
  }

  async focusSetting(key: string): Promise<void> {
    this.screen = 'train';
    this.openSteps.settings = true;
    const setting = this.draft.task.settings.find((candidate) => candidate.key === key);
    if (setting?.primary === false) this.allSettingsOpen = true;
    await tick();
    document.getElementById(`setting-${key}`)?.focus();
  }

  async #askForGpu(): Promise<void> {
    // The types say that `gpu` is always there; browsers without WebGPU lack it.
    if ((navigator as Partial<Navigator>).gpu === undefined) {
      this.#gpu = { state: 'missing', error: null };
      return;
    }
    try {
      this.#gpu = { state: 'ready', adapter: await this.#api.adapter() };
    } catch (thrown) {
      const error = reportOf(thrown);
      this.#gpu = { state: 'missing', error };
      globalThis.tabtuneObserver?.({ type: 'failed', error });
    }
  }

  async #sizeDemo(): Promise<void> {
    if (this.draft.presetChosen || this.#gpu.state === 'missing') return;
    this.#busy = 'sizing';
    try {
      this.draft.sizeTo(await this.#api.sizeDemo(this.draft.task.name));
    } catch (thrown) {
      this.#tell(thrown);
    }
    this.#busy = null;
  }

  async #checkData(data: DataSource): Promise<void> {
    const settings: Settings = this.draft.settings ?? this.draft.base;
    this.#busy = 'checking';
    try {
      const report = await this.#api.check(this.draft.task.name, data, settings);
      if (this.draft.data === data) this.#check = report;
    } catch (thrown) {
      const error = reportOf(thrown);
      globalThis.tabtuneObserver?.({ type: 'failed', error });
      if (this.draft.data === data) this.#checkError = error;
    }
    this.#busy = null;
  }

  async #train(run: LiveRun, begin: (run: LiveRun) => Promise<void>): Promise<void> {
    this.#run = run;
    this.openSteps.task = this.openSteps.data = this.openSteps.settings = false;
    this.openSteps.train = true;
    this.#wakeLock.want(this.#keepAwake);
    try {
      await begin(run);
    } catch (thrown) {
      this.#failed(run, reportOf(thrown));
    }
    this.#wakeLock.want(false);
    await this.runs.refresh();
  }

  #hear(run: LiveRun, event: RunEvent): void {
    globalThis.tabtuneObserver?.(event);
    run.apply(event);
    const text = preferences.text;
    if (event.type === 'epoch') {
      this.#announcement = text.announce.epoch(event.record, epochsOf(run.config), preferences.locale);
    } else if (event.type === 'notice') {
      const strings = taskText(run.config.task, preferences.locale);
      this.notices.add({ tone: 'info', say: (current) => sentence(event, current, strings) });
    } else if (event.type === 'finished') {
      this.#announcement = text.announce.finished;
    }
  }

  #failed(run: LiveRun, error: ErrorReport): void {
    globalThis.tabtuneObserver?.({ type: 'failed', error });
    if (!run.ended) run.fail(error);
  }

  #crash(thrown: Error): void {
    const error = reportOf(thrown);
    if (this.#run !== null && !this.#run.ended) this.#failed(this.#run, error);
    else if (this.#gpu.state === 'asking') this.#gpu = { state: 'missing', error };
    else this.#tell(thrown);
  }

  async #call(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      this.#tell(thrown);
    }
  }

  #tell(thrown: unknown): void {
    const error = reportOf(thrown);
    globalThis.tabtuneObserver?.({ type: 'failed', error });
    const task = this.draft.task.name;
    this.notices.add({
      tone: 'bad',
      say: (text) =>
        error.kind === 'user'
          ? sentence(error, text, taskText(task, preferences.locale))
          : text.notices.ourMistake(error.message),
    });
  }

  #clearCheck(): void {
    this.#check = null;
    this.#checkError = null;
  }
}

/** Number of epochs that a run was asked for, where its task has such a setting. */
export function epochsOf(config: RunConfig): number | null {
  const epochs = config.settings['epochs'];
  return typeof epochs === 'number' ? epochs : null;
}
