// What a run trains on: taken over, sized or checked before anything starts, with the settings suited to the adapter.
import type { DataSource } from '../../annotations/dataSource';
import type { TrainApi } from '../../training/protocol';
import { taskText } from '../tasks';
import { DataCheck } from './dataCheck.svelte';
import type { Draft } from './draft.svelte';
import type { Gpu } from './gpu.svelte';
import type { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';

export interface DataChoiceParts {
  readonly api: TrainApi;
  readonly draft: Draft;
  readonly gpu: Gpu;
  readonly notices: Notices;
  readonly tell: (thrown: unknown) => void;
}

export class DataChoice {
  readonly check: DataCheck;
  readonly #parts: DataChoiceParts;
  #sizing = $state(false);
  /** From the choice until the files were read: between its steps nothing may start either. */
  #reading = $state(false);
  #settled: Promise<void> = Promise.resolve();
  /** Only the latest choice counts. */
  #asked = 0;

  constructor(parts: DataChoiceParts) {
    this.#parts = parts;
    this.check = new DataCheck(parts.api);
  }

  /** The demo is being sized for this adapter. */
  get sizing(): boolean {
    return this.#sizing;
  }
  get reading(): boolean {
    return this.#reading;
  }
  /** Kept once nothing is owed to the latest choice. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  clear(): void {
    this.#asked++;
    this.#sizing = this.#reading = false;
    this.check.clear();
  }

  /** Takes the data over; files are read at once to say what of them is usable. */
  choose(data: DataSource): Promise<void> {
    this.#parts.draft.data = data;
    return this.#settle((isLatest) => (data.kind === 'demo' ? this.#sizeDemo(isLatest) : this.#readFiles(isLatest)));
  }

  /** Takes the data over as it is, for a run whose settings stand. */
  adopt(data: DataSource): void {
    this.clear();
    this.#parts.draft.data = data;
  }

  /** Reads chosen files again, after settings that concern them have changed. */
  recheck(): Promise<void> {
    if (this.#parts.draft.data?.kind !== 'files') return Promise.resolve();
    return this.#settle((isLatest) => this.#readFiles(isLatest));
  }

  /** Reads the chosen files again, texts in other encodings as they were meant; so do the runs on them. */
  async repairText(): Promise<void> {
    const { draft } = this.#parts;
    if (draft.data?.kind !== 'files') return;
    draft.data = { ...draft.data, repairText: true };
    await this.recheck();
  }

  #settle(work: (isLatest: () => boolean) => Promise<void>): Promise<void> {
    this.clear();
    const asked = this.#asked;
    this.#settled = work(() => asked === this.#asked);
    return this.#settled;
  }

  async #sizeDemo(isLatest: () => boolean): Promise<void> {
    const { api, draft, gpu, tell } = this.#parts;
    if (draft.presetChosen || gpu.status.state === 'missing') return;
    this.#sizing = true;
    try {
      const size = await api.sizeDemo(draft.task.name);
      if (isLatest()) draft.sizeTo(size);
    } catch (thrown) {
      if (isLatest()) tell(thrown);
    }
    if (isLatest()) this.#sizing = false;
  }

  async #readFiles(isLatest: () => boolean): Promise<void> {
    this.#reading = true;
    await this.#suitAdapter(isLatest);
    const { data, settings, base, task } = this.#parts.draft;
    if (!isLatest() || data === null) return;
    await this.check.check(task.name, data, settings ?? base);
    if (isLatest()) this.#reading = false;
  }

  /** On a CPU that plays a GPU the task's small preset takes the place of its default one, and the page says so. */
  async #suitAdapter(isLatest: () => boolean): Promise<void> {
    const { draft, gpu, notices } = this.#parts;
    const { task } = draft;
    const { softwarePreset } = task;
    const suits = () => softwarePreset === undefined || draft.presetChosen || draft.preset === softwarePreset;
    if (suits()) return;
    await gpu.answered;
    const { status } = gpu;
    if (!isLatest() || suits() || status.state !== 'ready' || !status.adapter.software) return;
    draft.sizeTo({ preset: softwarePreset!, settings: {} });
    notices.add({
      tone: 'info',
      say: (text) => {
        const { presets } = taskText(task.name, preferences.locale);
        return text.notices.softwarePreset(presets[softwarePreset!]?.label ?? softwarePreset!);
      },
    });
  }
}
