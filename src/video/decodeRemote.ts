// Speaks with a decode worker so that every call is answered: also when the worker cannot be loaded, dies or is ended.
import { wrap } from 'comlink';
import { Bug } from '../errors';
import type { DecodeWorker } from './decodePool';
import type { DecodeApi } from './decodeService';
import { installWorkerErrors } from '../workerErrors';

/** `worker` runs workers/decode.ts. Calls that are open when it ends are refused with an AbortError. */
export function connectDecodeWorker(worker: Worker): DecodeWorker {
  installWorkerErrors();
  const remote = wrap<DecodeApi>(worker);
  const open = new Set<(error: Error) => void>();
  let ended: Error | null = null;
  const end = (error: Error): void => {
    ended ??= error;
    for (const refuse of [...open]) refuse(ended);
    open.clear();
  };
  worker.addEventListener('error', ({ message }) => end(new Bug(message || 'The decode worker could not be loaded.')));
  worker.addEventListener('messageerror', () => end(new Bug('A message of the decode worker could not be read.')));
  const answered = <T>(call: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(ended);
        return;
      }
      open.add(reject);
      call()
        .then(resolve, reject)
        .finally(() => open.delete(reject));
    });
  return {
    api: {
      open: (file, path) => answered(() => remote.open(file, path)),
      decode: (video, wanted) => answered(() => remote.decode(video, wanted)),
      read: (stream, count) => answered(() => remote.read(stream, count)),
      cancel: (stream) => answered(() => remote.cancel(stream)),
      close: (video) => answered(() => remote.close(video)),
    },
    terminate: () => {
      worker.terminate();
      end(new DOMException('The decode worker was ended.', 'AbortError'));
    },
  };
}
