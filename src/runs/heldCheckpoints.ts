// Checkpoints that found no room in the store stay in memory, until they are removed or the page is closed.
import type { FileInPieces } from '../formats/writeWeights';
import type { CheckpointFile, CheckpointStore } from './checkpointStore';

/** A store with the checkpoints beside it that only memory has. */
export class HeldCheckpoints implements CheckpointStore {
  readonly #store: CheckpointStore;
  readonly #held = new Map<string, Map<number, Blob>>();

  constructor(store: CheckpointStore) {
    this.#store = store;
  }

  hold(runId: string, step: number, file: Blob): void {
    const files = this.#held.get(runId) ?? new Map<number, Blob>();
    this.#held.set(runId, files.set(step, file));
  }

  /** True for a checkpoint that is lost with the page. */
  isHeld(runId: string, step: number): boolean {
    return this.#held.get(runId)?.has(step) === true;
  }

  async write(runId: string, step: number, content: FileInPieces): Promise<void> {
    await this.#store.write(runId, step, content);
    this.#held.get(runId)?.delete(step);
  }

  async list(runId: string): Promise<CheckpointFile[]> {
    const held = this.#held.get(runId);
    if (!held?.size) return await this.#store.list(runId);
    // Where the browser keeps nothing at all, what memory holds is all there is.
    const stored = await this.#store.list(runId).catch(() => []);
    const files = [...held].map(([step, file]) => ({ step, bytes: file.size }));
    return [...files, ...stored.filter(({ step }) => !held.has(step))].sort((a, b) => b.step - a.step);
  }

  async open(runId: string, step: number): Promise<Blob> {
    return this.#held.get(runId)?.get(step) ?? (await this.#store.open(runId, step));
  }

  async remove(runId: string, step: number): Promise<void> {
    if (this.#held.get(runId)?.delete(step) !== true) await this.#store.remove(runId, step);
  }

  async removeRun(runId: string): Promise<void> {
    this.#held.delete(runId);
    await this.#store.removeRun(runId);
  }
}
