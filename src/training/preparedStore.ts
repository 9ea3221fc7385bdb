// Data that was read stays ready until other data is asked for: a check and the runs after it read and index it once.
import type { Finders } from './judging/finders';
import type { DataSource } from '../annotations/dataSource';
import type { DataFile } from '../formats/dataFile';
import type { UserError } from '../errors';
import type { Progress } from '../formats/progress';
import type { VideoStore } from '../frames/videoStore';
import type { Settings } from '../models/settings';
import type { Task } from '../models/task';
import type { PreparedData, TaskRuntime } from './runtime';

export interface PrepareOrder {
  readonly task: Pick<Task, 'name' | 'settings'>;
  readonly runtime: Pick<TaskRuntime, 'prepare'>;
  readonly data: DataSource;
  readonly settings: Settings;
  readonly progress: Progress;
  /** Hears of damaged files as long as the data is held, of those that are known already at once. */
  readonly tell: (problem: UserError) => void;
}

/** Data that stays open at least until its release. */
export interface HeldData {
  readonly data: PreparedData;
  release(): void;
}

interface Entry {
  readonly key: string;
  readonly task: string;
  readonly videos: VideoStore | undefined;
  readonly data: Promise<PreparedData>;
  readonly told: UserError[];
  readonly tells: Set<PrepareOrder['tell']>;
  readonly progresses: Set<Progress>;
  holders: number;
}

export class PreparedStore {
  readonly #openVideos: (() => VideoStore) | undefined;
  readonly #finders: Finders | undefined;
  #kept: Entry | null = null;

  /** `openVideos` is absent where nothing decodes, `finders` where nothing finds. */
  constructor(openVideos?: () => VideoStore, finders?: Finders) {
    this.#finders = finders;
    this.#openVideos = openVideos;
  }

  /** The data of this source with these settings: what is kept, or what is read anew in its place. */
  async hold(order: PrepareOrder): Promise<HeldData> {
    const settings = dataSettings(order.task, order.settings);
    const key = await keyOf(order.task.name, order.data, settings);
    if (this.#kept?.key !== key) this.#keep(this.#read(key, order, settings));
    const entry = this.#kept!;
    const { tell, progress } = order;
    entry.holders += 1;
    for (const problem of entry.told) tell(problem);
    entry.tells.add(tell);
    entry.progresses.add(progress);
    const release = (): void => {
      entry.tells.delete(tell);
      entry.holders -= 1;
      this.#closeUnused(entry);
    };
    try {
      return { data: await entry.data, release };
    } catch (error) {
      if (this.#kept === entry) this.#kept = null;
      release();
      throw error;
    } finally {
      entry.progresses.delete(progress);
    }
  }

  /** The data that was read last, where it is this task's and could be read; null otherwise. */
  async latest(task: string): Promise<PreparedData | null> {
    if (this.#kept?.task !== task) return null;
    return await this.#kept.data.catch(() => null);
  }

  #keep(entry: Entry): void {
    const former = this.#kept;
    this.#kept = entry;
    if (former) this.#closeUnused(former);
  }

  #closeUnused(entry: Entry): void {
    if (entry !== this.#kept && entry.holders === 0) entry.videos?.dispose();
  }

  #read(key: string, { task, runtime, data }: PrepareOrder, settings: Settings): Entry {
    const videos = this.#openVideos?.();
    const [told, tells, progresses] = [[] as UserError[], new Set<PrepareOrder['tell']>(), new Set<Progress>()];
    const tell = (problem: UserError): void => {
      told.push(problem);
      for (const listener of tells) listener(problem);
    };
    const progress: Progress = (...given) => progresses.forEach((listener) => listener(...given));
    // Begun a turn later, so that whoever asked for it hears of its progress from the start.
    const read = Promise.resolve().then(() =>
      runtime.prepare(
        data,
        settings,
        progress,
        videos && { videos, tell, ...(this.#finders && { finders: this.#finders }) },
      ),
    );
    return { key, task: task.name, videos, data: read, told, tells, progresses, holders: 0 };
  }
}

/** The settings that the data depends on; a task's `prepare` is given no others. */
export function dataSettings(task: Pick<Task, 'settings'>, settings: Settings): Settings {
  const keys = task.settings.filter(({ group, data }) => data ?? group === 'data').map(({ key }) => key);
  return Object.fromEntries(keys.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])));
}

/** Bytes at each end of a file without a date that tell it from another of the same name and size. */
const END_BYTES = 65536;

async function keyOf(task: string, data: DataSource, settings: Settings): Promise<string> {
  const prints = (files: readonly DataFile[]) => Promise.all(files.map(fingerprint));
  if (data.kind === 'demo') return JSON.stringify([task, settings, await prints(data.added ?? [])]);
  const { name, files, repairText = false } = data;
  return JSON.stringify([task, settings, name, repairText, await prints(files)]);
}

async function fingerprint({ path, blob }: DataFile): Promise<readonly (string | number)[]> {
  if (blob instanceof File) return [path, blob.size, blob.lastModified];
  const ends = new Blob([blob.slice(0, END_BYTES), blob.slice(-END_BYTES)]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await ends.arrayBuffer()));
  return [path, blob.size, digest.join()];
}
