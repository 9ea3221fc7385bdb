// The download worker as the page sees it (through comlink).
import { download, type Download, type DownloadProgress } from './download';
import type { DownloadStore } from './downloadStore';

export interface DownloadApi {
  /** As `download`; one at a time. `sha256` may be empty. */
  download(address: string, sha256: string, onProgress: (progress: DownloadProgress) => void): Promise<Download>;
  /** Ends the download under way; what is loaded stays. */
  stop(): Promise<void>;
  list: DownloadStore['list'];
  remove: DownloadStore['remove'];
}

const progressMilliseconds = 100;

/** The calls of the worker on a store; progress is told at most ten times a second. */
export function downloadApi(store: DownloadStore): DownloadApi {
  let under: AbortController | null = null;
  return {
    async download(address, sha256, onProgress) {
      const controller = new AbortController();
      under?.abort();
      under = controller;
      let told = -Infinity;
      const tell = (progress: DownloadProgress): void => {
        const now = performance.now();
        if (now - told < progressMilliseconds && progress.doneBytes !== progress.totalBytes) return;
        told = now;
        onProgress(progress);
      };
      return await download(address, { store, sha256, onProgress: tell, signal: controller.signal });
    },
    stop() {
      under?.abort();
      return Promise.resolve();
    },
    list: () => store.list(),
    remove: (url) => store.remove(url),
  };
}
