// The kept runs: listed, renamed, exported, and deleted only once there was time to undo.
import type { KeptViews, RunHead } from '../../runs/runStore';
import { liveRunId, onRunsChanged, whenIdle } from '../../runs/trainLock';
import type { RunRecord } from '../../training/protocol';
import { download } from '../files/download';
import type { Notices } from './notices.svelte';
import type { TextKind } from './runTexts';

/** What `src/runs/runStore.ts` offers; handed in so that tests can bring their own. */
export interface RunStore {
  listRuns(): Promise<readonly RunHead[]>;
  getRun(runId: string): Promise<RunRecord | undefined>;
  getViews(runId: string): Promise<KeptViews>;
  deleteRun(runId: string): Promise<void>;
  renameRun(runId: string, name: string): Promise<void>;
}

const undoMilliseconds = 10_000;

/** A run that was interrupted: its file has a step to go on from, and it was not brought to its end. */
export function wasInterrupted(run: RunHead): boolean {
  return (run.checkpointStep ?? 0) > 0 && run.state !== 'finished';
}

/** As above, or stopped before its last epoch. */
export function canContinue(run: RunHead): boolean {
  const { reason } = run.summary ?? {};
  return wasInterrupted(run) || (run.checkpointStep !== null && (reason === 'stopped' || reason === 'time-limit'));
}

export class RunList {
  readonly #store: RunStore;
  readonly #notices: Notices;
  readonly #report: (thrown: unknown) => void;
  #all = $state.raw<readonly RunHead[]>([]);
  #loaded = $state(false);
  /** The run that some tab trains. */
  #live = $state<string | null>(null);
  #hidden = $state.raw<ReadonlySet<string>>(new Set());

  readonly all: readonly RunHead[] = $derived(
    this.#all.filter((record) => !this.#hidden.has(record.runId)).toSorted((a, b) => b.updatedAt - a.updatedAt),
  );
  readonly names: ReadonlySet<string> = $derived(new Set(this.#all.map((record) => record.name)));

  constructor(store: RunStore, notices: Notices, report: (thrown: unknown) => void) {
    this.#store = store;
    this.#notices = notices;
    this.#report = report;
    onRunsChanged(() => void this.refresh());
  }

  /** Whether some tab, this one or another, trains the run at this moment: it is then only to be looked at. */
  isLive(runId: string): boolean {
    return this.#live === runId;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  async refresh(): Promise<void> {
    try {
      const [all, live] = await Promise.all([this.#store.listRuns(), liveRunId()]);
      this.#all = all;
      if (live !== null && live !== this.#live) void whenIdle(live).then(() => this.refresh());
      this.#live = live;
    } catch (thrown) {
      this.#report(thrown);
    }
    this.#loaded = true;
  }

  async rename(record: RunHead, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed === record.name) return;
    try {
      await this.#store.renameRun(record.runId, trimmed);
      await this.refresh();
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  /** Hides the run at once and deletes it when the time for undoing is over; closing the page keeps it. */
  delete(record: RunHead): void {
    this.#hide(record.runId);
    const timer = setTimeout(() => void this.#finallyDelete(record, notice), undoMilliseconds);
    const notice = this.#notices.add({
      tone: 'info',
      say: (text) => text.runs.deleted(record.name),
      action: {
        label: (text) => text.runs.undo,
        run: () => {
          clearTimeout(timer);
          this.#show(record.runId);
          this.#notices.dismiss(notice);
        },
      },
    });
  }

  /** One run with all its steps; undefined, and told, when it is gone. */
  async get(runId: string): Promise<RunRecord | undefined> {
    try {
      return await this.#store.getRun(runId);
    } catch (thrown) {
      this.#report(thrown);
      return undefined;
    }
  }

  /** What its view drew; nothing, and told, when it cannot be read. */
  async views(runId: string): Promise<KeptViews> {
    try {
      return await this.#store.getViews(runId);
    } catch (thrown) {
      this.#report(thrown);
      return {};
    }
  }

  /** Saves a run as a text for people or other programs; nothing, and told, when the run is gone. */
  async exportText(runId: string, kind: TextKind): Promise<void> {
    const [record, { runText }] = await Promise.all([this.get(runId), import('./runTexts')]);
    if (record === undefined) return;
    const { ending, blob } = await runText(kind, record);
    download(`${record.name}.${ending}`, blob);
  }

  /** Deletes resized frames of a run that failed or is deleted, unless another kept run uses them. */
  async releaseFrames(runId: string, files: readonly string[] = []): Promise<void> {
    if (files.length === 0) return;
    try {
      await (await import('./releaseFrames')).releaseFrames(runId, files, this.#all);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  async #finallyDelete(record: RunHead, notice: number): Promise<void> {
    this.#notices.dismiss(notice);
    try {
      await this.#store.deleteRun(record.runId);
      await this.releaseFrames(record.runId, record.frames);
      this.#all = this.#all.filter((other) => other.runId !== record.runId);
    } catch (thrown) {
      this.#report(thrown);
    }
    this.#show(record.runId);
  }

  #hide(runId: string): void {
    this.#hidden = new Set([...this.#hidden, runId]);
  }

  #show(runId: string): void {
    this.#hidden = new Set([...this.#hidden].filter((hidden) => hidden !== runId));
  }
}
