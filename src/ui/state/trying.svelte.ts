// What Try holds: the weights that judge, the files in their turn, what was found, and the parameters that act live.
//
// Automation may rely on these (in English): open `/?try`; the file input "Choose weights" and, once the region "What
// judges" says what they are, the file input "Choose videos"; a setting's field has the id `try-KEY`; the button "Cancel".
// `globalThis.tabtuneTryObserver`, if it is a function, hears what weights say and every JudgeEvent.
import type { DataFile } from '../../formats/dataFile';
import type { PoseModelPlan } from '../../figure/poseModel';
import { fileName } from '../../formats/filePaths';
import type { Settings, SettingValue } from '../../models/settings';
import type { Task } from '../../models/task';
import type { ResultStore } from '../../runs/resultStore';
import type { RunHead } from '../../runs/runStore';
import { readResults, type JudgedResult } from '../../training/judging/judgedResult';
import type {
  JudgeApi,
  JudgeEvent,
  WeightChoice,
  WeightGuess,
  WeightsSaid,
} from '../../training/judging/judgeProtocol';
import type { ErrorReport } from '../../training/protocol';
import { loadFindings, triedTasks } from '../judged/loadFindings';
import type { TaskFindings } from '../judged/taskFindings';
import { findTask, tasks } from '../tasks';
import { reportOf } from './errorReports';
import type { Judge, OwnModel, TriedItem } from './triedItem';

declare global {
  var tabtuneTryObserver:
    ((event: JudgeEvent | { type: 'weights'; said: WeightsSaid } | TryFailure) => void) | undefined;
}

interface TryFailure {
  readonly type: 'failed';
  readonly error: ErrorReport;
}

export interface TryingParts {
  readonly api: JudgeApi;
  readonly results: ResultStore;
  readonly tell: (thrown: unknown) => void;
}

const mediaNames = /\.(mp4|m4v|mov|webm|mkv|ts|m2ts|jpe?g|png|webp|avif|bmp)$/i;
const pictureNames = /\.(jpe?g|png|webp|avif|bmp)$/i;

/** Whether an item is one picture, which does not play. */
export function isPicture(name: string): boolean {
  return pictureNames.test(name);
}

export class Trying {
  readonly tasks: readonly Task[] = tasks.filter(({ name }) => triedTasks.has(name));
  readonly #parts: TryingParts;
  #judge = $state.raw<Judge | null>(null);
  #opening = $state(false);
  #error = $state.raw<ErrorReport | null>(null);
  #items = $state.raw<readonly TriedItem[]>([]);
  #chosen = $state(0);
  #busy = $state(false);
  #compile = $state.raw<{ readonly what: string; readonly done: number; readonly total: number } | null>(null);
  #ready = $state.raw<{ readonly plannedBytes: number; readonly weightBytes: number } | null>(null);
  #changed = $state.raw<Settings>({});
  #loaded = $state.raw<ReadonlyMap<string, TaskFindings>>(new Map());
  #ownModel = $state.raw<OwnModel | null>(null);
  #waiting = $state.raw<readonly DataFile[]>([]);
  #asked = 0;

  readonly item: TriedItem | null = $derived(this.#items[this.#chosen] ?? null);
  /** Of what is on show: a result's own task, else the one that judges. */
  readonly task: Task | null = $derived(findTask(this.item?.result?.task ?? this.#taskName ?? '') ?? null);
  /** Of the task on show; null until it is loaded. */
  readonly findings: TaskFindings | null = $derived(this.#loaded.get(this.task?.name ?? '') ?? null);
  /** The task whose weights judge, whatever is on show. */
  readonly judging: Task | null = $derived(findTask(this.#taskName ?? '') ?? null);
  readonly judgingFindings: TaskFindings | null = $derived(this.#loaded.get(this.#taskName ?? '') ?? null);
  /** What the weights came with, and what the person changed of it. */
  readonly settings: Settings = $derived({ ...this.#ownSettings, ...this.#changed });
  /** Parameters that act without running again. */
  readonly live: Settings = $derived({
    ...Object.fromEntries((this.findings?.live ?? []).map(({ key, default: value }) => [key, value])),
    ...this.item?.result?.by.settings,
    ...this.#changed,
  });

  constructor(parts: TryingParts) {
    this.#parts = parts;
  }

  get judge() {
    return this.#judge;
  }
  /** The weights are being read. */
  get opening() {
    return this.#opening;
  }
  /** Why weights or files cannot be tried. */
  get error() {
    return this.#error;
  }
  get items() {
    return this.#items;
  }
  get chosen() {
    return this.#chosen;
  }
  get busy() {
    return this.#busy;
  }
  get compile() {
    return this.#compile;
  }
  /** Bytes on the GPU, once the model stands. */
  get ready() {
    return this.#ready;
  }
  get changed() {
    return this.#changed;
  }
  /** Finds key points in place of ours, where the task has some. */
  get ownModel() {
    return this.#ownModel;
  }
  /** Files that came before it was clear what judges, or while others were judged. */
  get waiting() {
    return this.#waiting;
  }
  /** Whether files can be judged now. */
  get canJudge(): boolean {
    if (this.judgingFindings?.ownModel === true && this.#ownModel?.plan === null) return false;
    const { guess = null, classes = null } = this.#judge ?? {};
    const isNamed = guess === null || guess.classes === 0 || classes !== null;
    return this.#judge !== null && !this.#busy && isNamed && this.#taskName !== null;
  }

  get #taskName(): string | null {
    return this.#judge?.said.card?.task ?? this.#judge?.guess?.task ?? null;
  }
  get #ownSettings(): Settings {
    return this.#judge?.said.card?.settings ?? this.#judge?.guess?.settings ?? {};
  }

  /** Weights of a kept run. */
  async chooseRun(run: Pick<RunHead, 'runId' | 'name'>, which: 'best' | 'last', averaged: boolean): Promise<void> {
    const weights = averaged ? 'averaged' : 'raw';
    await this.#inspect({ kind: 'run', runId: run.runId, which, weights }, `${run.name}, ${which}`);
  }

  /** Weights of the person's own. */
  async chooseWeights(files: readonly DataFile[]): Promise<void> {
    await this.#inspect({ kind: 'files', files }, files[0]?.path ?? '');
  }

  /** For weights that do not say what they are. */
  async chooseGuess(guess: WeightGuess): Promise<void> {
    if (this.#judge === null) return;
    this.#judge = { ...this.#judge, guess, classes: null };
    this.#changed = {};
    await this.#loadFindings(guess.task);
  }

  /** The names of a guess's classes; `null` takes them back. */
  nameClasses(classes: Judge['classes']): void {
    if (this.#judge !== null) this.#judge = { ...this.#judge, classes };
  }

  /** Reads what a 2-D model takes and gives; the person says it where the shapes do not. */
  async giveModel(model: DataFile): Promise<void> {
    try {
      const [{ readOnnxSlots }, { recognisePoseModel }] = await Promise.all([
        import('../../formats/onnxSlots'),
        import('../../figure/poseModel'),
      ]);
      const slots = await readOnnxSlots(model.blob, model.path);
      this.#ownModel = { model, slots, plan: recognisePoseModel(slots) };
      this.#error = null;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  planModel(plan: PoseModelPlan): void {
    if (this.#ownModel !== null) this.#ownModel = { ...this.#ownModel, plan };
  }

  /** Ours finds again. */
  removeModel(): void {
    this.#ownModel = null;
  }

  /** A parameter that acts live does so at once; another counts from the next files on. */
  change(key: string, value: SettingValue): void {
    this.#changed = { ...this.#changed, [key]: value };
  }

  choose(item: number): void {
    this.#chosen = item;
    const task = this.#items[item]?.result?.task;
    if (task !== undefined) void this.#loadFindings(task);
  }

  /** Judges the files, or keeps them waiting until that is possible; results among them are opened. */
  async take(files: readonly DataFile[]): Promise<void> {
    const isResult = ({ path }: DataFile) => /\.result\.json$/i.test(path);
    const kept = files.filter(isResult);
    if (kept.length > 0) await this.openFiles(kept, files);
    const model = files.find(({ path }) => /\.onnx$/i.test(path));
    if (model !== undefined) await this.giveModel(model);
    const others = files.filter((file) => !isResult(file) && file !== model);
    if (kept.length > 0 || others.length === 0) return;
    this.#waiting = [...this.#waiting, ...others];
    await this.judgeWaiting();
  }

  /** Judges the files that wait, where that is possible now. */
  async judgeWaiting(): Promise<void> {
    while (this.canJudge && this.#waiting.length > 0) {
      const files = this.#waiting;
      this.#waiting = [];
      await this.#run(files);
    }
  }

  forgetWaiting(): void {
    this.#waiting = [];
  }

  async cancel(): Promise<void> {
    this.forgetWaiting();
    await this.#parts.api.stopJudging();
  }

  /** Results as files, with their videos where those were given too. */
  async openFiles(kept: readonly DataFile[], files: readonly DataFile[] = []): Promise<void> {
    try {
      for (const { path, blob } of kept)
        for (const result of readResults(await blob.text(), path))
          await this.#show(result, files.find((file) => fileName(file.path) === fileName(result.name))?.blob ?? null);
      this.#error = null;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** A kept result; its video may be given later. */
  async openKept(resultId: string): Promise<void> {
    try {
      const result = await this.#parts.results.getResult(resultId);
      if (result !== undefined) await this.#show(result, null);
    } catch (thrown) {
      this.#parts.tell(thrown);
    }
  }

  /** The video of a result that was opened without it. */
  giveVideo(blob: Blob): void {
    this.#patch(this.#chosen, { video: blob });
  }

  async #show(result: JudgedResult, video: Blob | null): Promise<void> {
    await this.#loadFindings(result.task);
    const item: TriedItem = {
      ...{ name: result.name, state: result.whole ? 'done' : 'cancelled', head: result.head, result, error: null },
      ...{ found: 1, secondsLeft: 0, video },
    };
    this.#items = [...this.#items, item];
    this.#chosen = this.#items.length - 1;
  }

  async #inspect(weights: WeightChoice, name: string): Promise<void> {
    const asked = ++this.#asked;
    this.#judge = this.#ready = this.#error = null;
    this.#changed = {};
    this.#opening = true;
    try {
      const said = await this.#parts.api.inspectWeights(weights);
      if (asked !== this.#asked) return;
      const guess = said.card === null ? (said.guesses[0] ?? null) : null;
      this.#judge = { weights, name, said, guess, classes: null };
      if (this.#taskName !== null) await this.#loadFindings(this.#taskName);
      globalThis.tabtuneTryObserver?.({ type: 'weights', said });
    } catch (thrown) {
      if (asked === this.#asked) this.#fail(thrown);
    }
    if (asked !== this.#asked) return;
    this.#opening = false;
    // Weights that say what they are leave nothing open.
    if (this.#judge?.said.card) await this.judgeWaiting();
  }

  async #run(files: readonly DataFile[]): Promise<void> {
    const [judge, task] = [this.#judge, this.#taskName];
    if (judge === null || task === null || !this.canJudge) return;
    this.#error = null;
    this.#busy = true;
    const first = this.#items.length;
    const config = { weights: judge.weights, weightsName: judge.name, task, settings: this.settings };
    try {
      const known = { facts: judge.said.card?.facts ?? {}, ...(judge.classes && { classes: judge.classes }) };
      const given = [...files, ...this.#modelFiles()];
      await this.#parts.api.judge({ ...config, ...known, files: given }, (event) => this.#apply(event, first, files));
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#busy = false;
    this.#compile = null;
    await this.#settle(first);
  }

  #modelFiles(): DataFile[] {
    const { model, plan = null } = this.#ownModel ?? {};
    if (this.judgingFindings?.ownModel !== true || model === undefined || plan === null) return [];
    return [model, { path: `${model.path}.json`, blob: new Blob([JSON.stringify(plan)]) }];
  }

  #apply(event: JudgeEvent, first: number, files: readonly DataFile[]): void {
    globalThis.tabtuneTryObserver?.(event);
    if (event.type === 'compile') this.#compile = event;
    else if (event.type === 'ready') this.#ready = event;
    else if (event.type === 'items') {
      const waiting = event.names.map((name): TriedItem => {
        const video = files.find(({ path }) => path === name && mediaNames.test(path))?.blob ?? null;
        return {
          ...{ name, state: 'waiting', head: null, result: null, error: null },
          found: 0,
          secondsLeft: NaN,
          video,
        };
      });
      this.#items = [...this.#items, ...waiting];
      this.#chosen = first;
    } else {
      const number = first + event.item;
      if (event.type === 'opened') this.#patch(number, { state: 'judging', head: event.head });
      else if (event.type === 'finding') this.#patch(number, { state: 'finding', found: event.share });
      else if (event.type === 'refused') this.#patch(number, { state: 'refused', error: event.error });
      else {
        const { result, secondsLeft } = event;
        this.#patch(number, { result, secondsLeft, state: result.whole ? 'done' : 'judging' });
        if (result.whole) void this.#keep(result);
      }
    }
  }

  /** What was under way when the judging ended stays as far as it came. */
  async #settle(first: number): Promise<void> {
    for (const [number, { state, result }] of this.#items.entries()) {
      if (number < first || state === 'done' || state === 'refused') continue;
      this.#patch(number, { state: 'cancelled' });
      if (result !== null) await this.#keep(result);
    }
  }

  async #keep(result: JudgedResult): Promise<void> {
    try {
      await this.#parts.results.putResult(result);
    } catch (thrown) {
      this.#parts.tell(thrown);
    }
  }

  #patch(number: number, change: Partial<TriedItem>): void {
    this.#items = this.#items.map((item, i) => (i === number ? { ...item, ...change } : item));
  }

  async #loadFindings(task: string): Promise<void> {
    const findings = await loadFindings(task);
    if (findings !== undefined) this.#loaded = new Map([...this.#loaded, [task, findings]]);
  }

  #fail(thrown: unknown): void {
    this.#error = reportOf(thrown);
    globalThis.tabtuneTryObserver?.({ type: 'failed', error: this.#error });
  }
}
