// The page's one state: the form, the run, the kept runs, and every action that talks to the train worker.
//
// Automation may rely on these (in English; roles and accessible names as in the ARIA tree):
// - open `/#v=1&task=NAME&preset=NAME&set.KEY=VALUE`; the form fills, nothing starts;
// - file inputs: label "Choose a folder" (webkitdirectory) and label "Choose files" (multiple);
//   once set, the region "Data check" shows the counts;
// - button "Train the demo" while no data is chosen, button "Start training" once some is;
//   then "Pause", "Continue training", "Do one step", "Stop and keep", "New run";
// - file input: label "Choose weights" (multiple), inside the disclosure "Start from weights" of the settings;
//   once set, the region "Chosen weights" says what they are; a run's region "Weights at the start" says what it took;
// - button "Paste a recipe…" opens the dialog "Paste a recipe" with the field "Recipe (YAML)", the file input "Choose a
//   file" and a button "Apply N settings";
// - button "Use the demo"; combobox "Preset"; a setting's field has the id `setting-KEY`;
// - navigation "Main" with buttons "Train", "Try" and "Runs"; the progressbar is named "Progress";
// - `globalThis.tabtuneObserver`, if it is a function, hears every RunEvent; errors of calls arrive as `failed` events.
import { tick } from 'svelte';
import type { Setting, Task } from '../../models/task';
import { memorableName } from '../../runs/names';
import type { DownloadApi } from '../../runs/downloadApi';
import type { KeptViews, RunHead } from '../../runs/runStore';
import { withFiles, type DataSource, type DemoData } from '../../annotations/dataSource';
import type { DataFile } from '../../formats/dataFile';
import type { Settings } from '../../models/settings';
import type { WorkerApi } from '../../training/judging/judgeProtocol';
import type { Forecast, RunRecord } from '../../training/protocol';
import type { Strings } from '../strings/en';
import { findTask, taskText } from '../tasks';
import { sourceOf } from '../files/chosenFiles';
import type { ReadConfig } from '../config/configUrl';
import { DataChoice } from './dataChoice.svelte';
import type { Downloads } from './downloads.svelte';
import { Draft, type LinkProblems } from './draft.svelte';
import { observeError, reportOf, saidOf } from './errorReports';
import { Exports } from './exports';
import { Gpu } from './gpu.svelte';
import { addressWishes } from './addressWishes';
import { LiveRun } from './liveRun.svelte';
import { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';
import { readinessOf, type Readiness } from './readiness';
import { canContinue, RunList, wasInterrupted, type RunStore } from './runList.svelte';
import { StartWeights } from './startWeights.svelte';
import { Training } from './training.svelte';
import type { Trying } from './trying.svelte';

/** Named where their labels are. */
export type ScreenName = keyof Strings['screens'];
export type StepName = 'task' | 'data' | 'settings' | 'train';

export interface Connections {
  readonly connect: (onCrash: (error: Error) => void) => WorkerApi;
  readonly runStore: RunStore;
  readonly downloads: () => Promise<DownloadApi>;
}

export class Workbench {
  readonly draft: Draft;
  readonly notices = new Notices();
  readonly runs: RunList;
  readonly data: DataChoice;
  readonly weights = new StartWeights();
  readonly training: Training;
  readonly exports: Exports;
  readonly #gpu = new Gpu();
  readonly #api: WorkerApi;
  readonly #connectDownloads: Connections['downloads'];
  #downloads: Promise<Downloads> | null = null;
  #trying: Promise<Trying> | null = null;

  screen = $state<ScreenName>('train');
  readonly openSteps = $state<Record<StepName, boolean>>({ task: false, data: true, settings: true, train: true });
  allSettingsOpen = $state(false);
  #starting = $state(false);
  #waitingForFiles = $state.raw<RunHead | null>(null);
  /** For the run that waits. */
  #waitingChanges: Settings = {};

  /** Whether a run can start, and the one reason why not. */
  readonly readiness: Readiness = $derived.by(() =>
    readinessOf({
      gpu: this.#gpu.status.state,
      active: this.active,
      data: this.draft.data?.kind ?? null,
      sizing: this.data.sizing,
      reading: this.data.reading,
      counted: this.data.check.counted,
      usable: this.data.check.usable,
      weights: this.weights.opening ? 'opening' : this.weights.usable ? 'fine' : 'unusable',
      settingsValid: this.draft.firstInvalid === null,
    }),
  );
  /** The newest run that can go on, offered while nothing else is under way. */
  readonly continuable: RunHead | null = $derived.by(() =>
    this.run === null
      ? (this.runs.all.find((head) => wasInterrupted(head) && !this.runs.isLive(head.runId)) ?? null)
      : null,
  );

  constructor(tasks: readonly Task[], connections: Connections) {
    const tell = (thrown: unknown) => this.tell(thrown);
    this.draft = new Draft(tasks[0]!);
    this.runs = new RunList(connections.runStore, this.notices, tell);
    this.#api = connections.connect((error) => this.#crash(error));
    this.#connectDownloads = connections.downloads;
    this.data = new DataChoice({
      ...{ api: this.#api, draft: this.draft, gpu: this.#gpu },
      notices: this.notices,
      tell,
    });
    this.training = new Training(this.#api, this.notices, tell);
    this.exports = new Exports({ api: this.#api, runs: this.runs, training: this.training, tell });
    void this.#gpu.ask(this.#api);
    void this.runs.refresh();
  }

  get gpu() {
    return this.#gpu.status;
  }
  get run() {
    return this.training.run;
  }
  get active() {
    return this.training.active;
  }
  /** A start was asked for and waits for what the form owes. */
  get starting() {
    return this.#starting;
  }
  /** The run that goes on as soon as its files are chosen again. */
  get waitingForFiles() {
    return this.#waitingForFiles;
  }

  /** Fetched by those who open this part only. */
  openDownloads(): Promise<Downloads> {
    return (this.#downloads ??= Promise.all([import('./downloads.svelte'), this.#connectDownloads()]).then(
      ([module, api]) => new module.Downloads(api),
    ));
  }

  /** The same for what is tried. */
  openTrying(): Promise<Trying> {
    return (this.#trying ??= Promise.all([import('./trying.svelte'), import('../../runs/resultStore')]).then(
      ([module, { resultStore: results }]) => new module.Trying({ api: this.#api, results, tell: (e) => this.tell(e) }),
    ));
  }

  /** Fills the form from a link and says what of it means nothing here. Starts nothing. */
  openLink(link: ReadConfig, version: string): LinkProblems {
    this.data.clear();
    const problems = this.draft.open(link, version);
    if (this.draft.data !== null) void this.data.choose(this.draft.data);
    return problems;
  }

  /** What these settings ask of this device. Throws UserError where they do not fit. */
  forecast(task: Task, settings: Settings): Promise<Forecast | null> {
    return this.#api.forecast(task.name, settings);
  }

  /** What a run of these settings would take of the chosen weights; see `matchWeights`. */
  async compareWeights(task: Task, settings: Settings): Promise<void> {
    await this.weights.compare((files) => this.#api.matchWeights(task.name, settings, files));
  }

  chooseTask(task: Task): void {
    this.draft.chooseTask(task);
    this.data.clear();
    this.weights.clear();
  }

  /** Takes the data over; a run that waits for its files goes on. */
  async chooseData(data: DataSource): Promise<void> {
    const waiting = this.#waitingForFiles;
    if (waiting !== null && data.kind === 'files') return this.continueRun(waiting, data, this.#waitingChanges);
    await this.data.choose(data);
  }

  /** Puts labels that a person corrected beside the data of the run on show, for the next run of its task. */
  async addToData(files: readonly DataFile[]): Promise<void> {
    const config = this.run?.config;
    const task = config && findTask(config.task);
    if (config === undefined || task === undefined) return;
    if (this.draft.task !== task) this.chooseTask(task);
    this.draft.data = withFiles(this.draft.data ?? config.data, files);
    // The worker reads one thing after the other: a run under way goes first, and the next one reads by itself.
    if (!this.active) await this.data.recheck();
  }

  async choosePreset(name: string): Promise<void> {
    this.draft.choosePreset(name);
    await this.data.recheck();
  }

  /** Takes the values of a recipe over into the form; chosen files are read again. */
  async applySettings(settings: Settings): Promise<void> {
    this.draft.take(settings);
    await this.data.recheck();
  }

  /** A field was left with a new value: a run under way takes it over, chosen files are read again if it concerns them. */
  async settingChanged(setting: Setting): Promise<void> {
    const reading = this.draft.readings[setting.key];
    if (reading?.ok !== true) return;
    if (this.active && setting.midRun) await this.training.set(setting.key, reading.value);
    else if (!this.active && setting.group === 'data') await this.data.recheck();
  }

  /** The whole way in one step: the demo, sized for this adapter, is trained. */
  async trainDemo(): Promise<void> {
    if (this.active || this.#starting || !this.weights.usable) return;
    void this.data.choose({ kind: 'demo' });
    await this.start();
  }

  /** Waits for what the form still owes; then the run takes exactly the settings on show. */
  async start(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    await Promise.all([this.#gpu.answered, this.data.settled, this.weights.settled, this.training.saved()]);
    this.#starting = false;
    const { data, settings, task, preset, firstInvalid } = this.draft;
    if (firstInvalid !== null) return this.focusSetting(firstInvalid);
    if (this.readiness.reason !== null || data === null || settings === null) return;
    const name = memorableName(this.runs.names);
    const { files } = this.weights;
    const config = {
      ...{ runId: crypto.randomUUID(), name, task: task.name, preset, data, settings },
      ...(files.length > 0 && { weights: files }),
      ...addressWishes(),
    };
    await this.#train(new LiveRun(config), 'start');
  }

  /** Goes on with a kept run. Files that did not survive a reload are read from their folder, or must be chosen again. */
  async continueRun(head: RunHead, given?: DataSource, changes: Settings = {}): Promise<void> {
    const task = findTask(head.task);
    const [record, again] = await Promise.all([this.runs.get(head.runId), given ?? this.#readAgain(head, 'ask')]);
    if (task === undefined || record === undefined || this.active) return;
    const files = again ?? undefined;
    // A limit that was reached does not end the run again at once.
    const unlimited = record.summary?.reason === 'time-limit' ? { timeLimitSeconds: 0 } : {};
    const settings = { ...record.settings, ...unlimited, ...changes };
    this.screen = 'train';
    this.draft.fill(task, record.preset, settings);
    // Its checkpoint holds its weights; what is chosen for a new run is not its own.
    if (this.run?.config.runId !== record.runId) this.weights.clear();
    if (record.dataKind === 'files' && files === undefined) {
      this.#waitingForFiles = head;
      this.#waitingChanges = changes;
      this.training.clear();
      this.openSteps.data = true;
      return;
    }
    const repairs = files?.kind === 'files' && record.repairText === true;
    const data = repairs ? { ...files, repairText: true } : (files ?? demoOf(record));
    this.data.adopt(data);
    this.#waitingForFiles = null;
    const { runId, name, preset } = record;
    const config = { runId, name, task: record.task, preset, data, settings, ...addressWishes() };
    await this.#train(new LiveRun(config, record, await this.#viewsOf(head, data)), 'resume');
  }

  /** The files of a kept run from the folder that it remembers; null where the page may not read it. */
  async #readAgain({ folder }: RunHead, how: 'ask' | 'quietly'): Promise<DataSource | null> {
    if (folder === undefined) return null;
    const { filesAgain } = await import('../files/folders');
    const files = await filesAgain(folder, how === 'ask');
    return files && sourceOf(files, folder);
  }

  /** What a kept run drew, with its videos where they are at hand. */
  async #viewsOf(head: RunHead, data: DataSource | null): Promise<KeptViews> {
    const views = await this.runs.views(head.runId);
    if (data?.kind !== 'files') return views;
    const { withMedia } = await import('../../runs/keptMedia');
    return Object.fromEntries(Object.entries(views).map(([moment, view]) => [moment, withMedia(view, data.files)]));
  }

  /** Shows a kept run with its curves and views, without training it. */
  async openRun(head: RunHead): Promise<void> {
    const [record, data] = await Promise.all([this.runs.get(head.runId), this.#readAgain(head, 'quietly')]);
    const views = await this.#viewsOf(head, data);
    const task = findTask(head.task);
    if (record === undefined || task === undefined || this.active) return;
    this.draft.fill(task, record.preset, record.settings);
    this.training.show(LiveRun.opened(record, views));
    this.#waitingForFiles = null;
    this.openSteps.data = this.openSteps.settings = false;
    this.openSteps.train = true;
    this.screen = 'train';
  }

  cancelWaiting(): void {
    this.#waitingForFiles = null;
  }

  /** The run that just ended, from its last checkpoint, with the data that is still at hand. */
  async goOn(changes: Settings = {}): Promise<void> {
    const config = this.run?.config;
    await this.training.saved();
    await this.runs.refresh();
    const head = this.runs.all.find((candidate) => candidate.runId === config?.runId);
    if (head === undefined || config === undefined) return;
    // Of a run that was only looked at the files are not at hand.
    const files = config.data.kind === 'files' && config.data.files.length === 0 ? undefined : config.data;
    await this.continueRun(head, files, changes);
  }

  /** A new run like the one that ended, with other values for some settings. */
  async startWith(changes: Settings): Promise<void> {
    if (this.active) await this.training.stop();
    await this.training.saved();
    this.newRun();
    for (const [key, value] of Object.entries(changes)) this.draft.type(key, String(value));
    await this.start();
  }

  newRun(): void {
    if (this.active) return;
    this.training.clear();
    this.openSteps.data = true;
    this.openSteps.settings = true;
  }

  useSettingsOf(head: RunHead): void {
    const task = findTask(head.task);
    if (task === undefined || this.active) return;
    this.newRun();
    this.weights.clear();
    this.draft.fill(task, head.preset, head.settings);
    this.screen = 'train';
  }

  /** Ctrl+Enter: start, pause or go on, whichever is next. */
  async startOrPause(): Promise<void> {
    if (this.active) await this.training.togglePause();
    else if (this.run === null) await (this.draft.data === null ? this.trainDemo() : this.start());
  }

  async focusSetting(key: string): Promise<void> {
    this.screen = 'train';
    this.openSteps.settings = true;
    const setting = this.draft.task.settings.find((candidate) => candidate.key === key);
    if (setting?.primary === false && !this.draft.isSet(setting)) this.allSettingsOpen = true;
    await tick();
    document.getElementById(`setting-${key}`)?.focus();
  }

  async #train(run: LiveRun, how: 'start' | 'resume'): Promise<void> {
    this.openSteps.task = this.openSteps.data = this.openSteps.settings = false;
    this.openSteps.train = true;
    await this.training.follow(run, (config, onEvent) => this.#api[how](config, onEvent));
    // A refused run leaves the form, which was folded for it.
    if (this.run === null) this.newRun();
    await this.runs.refresh();
    const { runId } = run.config;
    const goesOn = this.runs.all.some((head) => head.runId === runId && canContinue(head));
    if (run.error && !goesOn) await this.runs.releaseFrames(runId, run.frames?.files);
  }

  /** The worker may live on after an error that nobody caught, so a run under way is not given up. */
  #crash(thrown: Error): void {
    const error = reportOf(thrown);
    if (this.#gpu.status.state === 'asking') {
      this.#gpu.fail(error);
      return;
    }
    observeError(error);
    this.notices.add({ tone: 'bad', say: (text) => text.notices.workerError(error.message) });
  }

  /** Shows what a call threw. */
  tell(thrown: unknown): void {
    const error = reportOf(thrown);
    observeError(error);
    const task = this.draft.task.name;
    this.notices.add({
      tone: error.kind === 'user' ? 'warn' : 'bad',
      say: (text) => saidOf(error, text, taskText(task, preferences.locale)),
    });
  }
}

/** The demo of a kept run, with what was added to it. */
function demoOf({ added }: RunRecord): DemoData {
  return { kind: 'demo', ...(added && { added }) };
}
