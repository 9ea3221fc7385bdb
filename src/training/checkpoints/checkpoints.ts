// Which checkpoints of a run are kept (best, and the newest few), and which one a run goes back to.
import { UserError } from '../../errors';
import { piecesToBlob, type FileInPieces } from '../../formats/writeWeights';
import type { CheckpointFile, CheckpointStore } from '../../runs/checkpointStore';
import { HeldCheckpoints } from '../../runs/heldCheckpoints';
import { checkpointFile, openCheckpoint, type Checkpoint } from './checkpoint';

const keepNewest = 3;

export interface SavedCheckpoint {
  readonly step: number;
  readonly bytes: number;
  /** Bytes of all the checkpoints of the run that are stored. */
  readonly allBytes: number;
  /** Why it is held in memory only, where the store refused it. */
  readonly refused: UserError | null;
}

export class Checkpoints {
  readonly #store: HeldCheckpoints;
  readonly #runId: string;

  /** A store that holds outlives the run, and with it what there was no room for. */
  constructor(store: CheckpointStore, runId: string) {
    this.#store = store instanceof HeldCheckpoints ? store : new HeldCheckpoints(store);
    this.#runId = runId;
  }

  /**
   * Writes a checkpoint and then drops those that are neither best nor among the newest. Its tensors are read while it
   * is written, so nothing may change them meanwhile. For a run's
   * `result`, and for its best, every other one but the best gives way.
   */
  async save(checkpoint: Checkpoint, result = false): Promise<SavedCheckpoint> {
    const { step, best } = checkpoint.state;
    const content = checkpointFile(checkpoint);
    let refused = await this.#write(step, content, best?.step ?? null);
    if (refused) {
      const file = await piecesToBlob(content.pieces());
      this.#store.hold(this.#runId, step, file);
      if ((result || best?.step === step) && refused.code === 'storage-full')
        refused = await this.#writeAlone(step, file, best?.step ?? null);
    }
    const kept = await this.#prune(step, best?.step ?? null);
    const stored = kept.filter((file) => !this.#store.isHeld(this.#runId, file.step));
    return { step, bytes: content.bytes, allBytes: stored.reduce((sum, file) => sum + file.bytes, 0), refused };
  }

  /**
   * The newest checkpoint that can be opened; null when there is none.
   * `onBroken` hears of each newer one that could not be opened.
   */
  async newest(onBroken: (step: number, error: UserError) => void): Promise<Checkpoint | null> {
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
    const stored = (await this.#list()).filter((file) => !this.#store.isHeld(this.#runId, file.step));
    for (const file of stored.slice(1)) if (file.step !== best) await this.#store.remove(this.#runId, file.step);
    return await this.#writeAgain(step, content);
  }

  /** Memory has it already, so that nothing is lost where there is no room even then. */
  async #writeAlone(step: number, file: Blob, best: number | null): Promise<UserError | null> {
    for (const other of await this.#list())
      if (other.step !== step && other.step !== best) await this.#store.remove(this.#runId, other.step);
    return await this.#writeAgain(step, { bytes: file.size, pieces: () => oneByOne(file) });
  }

  async #writeAgain(step: number, content: FileInPieces): Promise<UserError | null> {
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
      const most = this.#store.isHeld(this.#runId, file.step) ? 1 : keepNewest;
      const keep = file.step <= step && (newest <= most || file.step === best);
      if (keep) kept.push(file);
      else await this.#store.remove(this.#runId, file.step);
    }
    return kept;
  }
}

async function* oneByOne(file: Blob): AsyncGenerator<Blob, void> {
  yield await Promise.resolve(file);
}

function isRefusal(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'storage-full' || error.code === 'storage-unavailable');
}
