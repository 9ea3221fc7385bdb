// What this site keeps in the browser's storage: how much, how much of it are resized frames, and their deletion.
import { whileTraining } from '../../runs/trainLock';
import type { ErrorReport } from '../../training/protocol';
import { clearFrameCache, frameCacheSize, type FrameCacheSize } from '../../video/frameCache';
import { observeError, reportOf } from './errorReports';

export class SiteStorage {
  #estimate = $state.raw<StorageEstimate | null>(null);
  #frames = $state.raw<FrameCacheSize | null>(null);
  #deletedBytes = $state<number | null>(null);
  #error = $state.raw<ErrorReport | null>(null);

  get estimate(): StorageEstimate | null {
    return this.#estimate;
  }
  /** Null until it is known, and where the browser lets the page keep no files. */
  get frames(): FrameCacheSize | null {
    return this.#frames;
  }
  /** By the latest deletion; null while there was none. */
  get deletedBytes(): number | null {
    return this.#deletedBytes;
  }
  get error(): ErrorReport | null {
    return this.#error;
  }

  async refresh(): Promise<void> {
    try {
      this.#estimate = await navigator.storage.estimate();
      this.#frames = await frameCacheSize();
    } catch (thrown) {
      this.#tell(thrown);
    }
  }

  /** Deletes all resized frames, unless a run of another tab may be using them. */
  async deleteFrames(): Promise<void> {
    this.#error = null;
    try {
      await whileTraining(async () => {
        const { bytes } = await frameCacheSize();
        await clearFrameCache();
        this.#deletedBytes = bytes;
      });
    } catch (thrown) {
      this.#tell(thrown);
    }
    await this.refresh();
  }

  #tell(thrown: unknown): void {
    this.#error = reportOf(thrown);
    observeError(this.#error);
  }
}
