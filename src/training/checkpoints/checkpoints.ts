// Which checkpoints of a run are kept (best, and the newest few), and which one a run goes back to.
import { UserError } from '../../errors';
import { piecesToBlob, type FileInPieces } from '../../formats/writeWeights';
import type { CheckpointFile, CheckpointStore } from '../../runs/checkpointStore';
import { checkpointFile, openCheckpoint, type Checkpoint } from './checkpoint';

const keepNewest = 3;

export interface SavedCheckpoint {
  readonly step: number;
  readonly bytes: number;
  /** Bytes of all the checkpoints of the run. */
  readonly allBytes: number;
  /** Why it is held in memory only, where the store refused it. */
  readonly refused: UserError | null;
}

export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #runId: string;
  /** The newest one where the store has no room: a lost device can still be made good from it. */
  #held: { readonly step: number; readonly file: Blob } | null = null;

  constructor(store: CheckpointStore, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /**
   * Writes a checkpoint and then drops those that are neither best nor among the newest. Its tensors are read while it
   * is written, so nothing may change them meanwhile.
   */
  async save(checkpoint: Checkpoint): Promise<SavedCheckpoint> {
    const { step, best } = checkpoint.state;
    const content = checkpointFile(checkpoint);
    const refused = await this.#write(step, content, best?.step ?? null);
    this.#held = refused ? { step, file: await piecesToBlob(content.pieces()) } : null;
    const kept = await this.#prune(step, best?.step ?? null);
    return { step, bytes: content.bytes, allBytes: kept.reduce((sum, file) => sum + file.bytes, 0), refused };
  }

  /**
   * The newest checkpoint that can be opened; null when there is none.
   * `onBroken` hears of each newer one that could not be opened.
   */
  async newest(onBroken: (step: number, error: UserError) => void): Promise<Checkpoint | null> {
    if (this.#held) return await openCheckpoint(this.#held.file, this.#held.step);
    for (const { step } of await this.#list()) {
      try {
        return await openCheckpoint(await this.#store.open(this.#runId, step), step);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onBroken(step, error);
      }
    }
    return null;
  }

  /** Removes what an earlier run of the same id left. */
  async clear(): Promise<void> {
    try {
      await this.#store.removeRun(this.#runId);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  /** Null when it was written; the refusal when there is no room even without the older ones. */
  async #write(step: number, content: FileInPieces, best: number | null): Promise<UserError | null> {
    try {
      await this.#store.write(this.#runId, step, content);
      return null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (error.code !== 'storage-full') return error;
    }
    // Room is made by all but the newest and the best.
    for (const file of (await this.#list()).slice(1))
      if (file.step !== best) await this.#store.remove(this.#runId, file.step);
    try {
      await this.#store.write(this.#runId, step, content);
      return null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error;
    }
  }

  /** Where the browser keeps nothing there is nothing to list. */
  async #list(): Promise<CheckpointFile[]> {
    try {
      return await this.#store.list(this.#runId);
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  }

  async #prune(step: number, best: number | null): Promise<CheckpointFile[]> {
    const kept: CheckpointFile[] = [];
    let newest = 0;
    for (const file of await this.#list()) {
      // Files after this step belong to a future that the run went back from.
      if (file.step <= step) newest += 1;
      const keep = file.step <= step && (newest <= keepNewest || file.step === best);
      if (keep) kept.push(file);
      else await this.#store.remove(this.#runId, file.step);
    }
    return kept;
  }
}

function isRefusal(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'storage-full' || error.code === 'storage-unavailable');
}
