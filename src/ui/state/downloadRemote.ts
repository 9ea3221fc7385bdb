// The only module that makes the download worker and speaks comlink with it.
import { proxy, wrap } from 'comlink';
import type { DownloadApi } from '../../runs/downloadApi';
import { Bug } from '../../errors';
import { installWorkerErrors } from '../../workerErrors';

/** Starts the worker at the first call; until then nothing of it is loaded. */
export function connectDownloadWorker(): DownloadApi {
  installWorkerErrors();
  let died: Promise<never> | undefined;
  let remote: ReturnType<typeof wrap<DownloadApi>> | undefined;
  const start = () => {
    if (remote !== undefined) return remote;
    const worker = new Worker(new URL('../../../workers/download.ts', import.meta.url), {
      type: 'module',
      name: 'download',
    });
    died = new Promise<never>((_, reject) => {
      worker.addEventListener('error', (event) => {
        // The next call starts another worker.
        remote = undefined;
        reject(new Bug(event.message || 'The download worker could not be loaded.'));
      });
    });
    // Heard by the calls that wait; without one there is nobody to tell.
    died.catch(() => undefined);
    return (remote = wrap<DownloadApi>(worker));
  };
  const call = <T>(ask: (api: ReturnType<typeof start>) => Promise<T>): Promise<T> => {
    const answer = ask(start());
    return Promise.race([answer, died!]);
  };
  return {
    download: (address, sha256, onProgress) => call((api) => api.download(address, sha256, proxy(onProgress))),
    stop: () => call((api) => api.stop()),
    list: () => call((api) => api.list()),
    remove: (url) => call((api) => api.remove(url)),
  };
}
