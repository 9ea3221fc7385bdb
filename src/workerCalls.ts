// Calls of a worker of which every one is answered: also when the worker cannot be loaded, dies or is ended.
import { Bug } from './errors';

export interface WorkerCalls {
  /** As the call, but refused as soon as the worker is gone. */
  readonly answered: <T>(call: () => Promise<T>) => Promise<T>;
  /** Ends the worker; calls that are open are refused with an AbortError. */
  readonly end: () => void;
}

/** `name` is what errors call the worker, for example `decode`. */
export function workerCalls(worker: Worker, name: string): WorkerCalls {
  const open = new Set<(error: Error) => void>();
  let ended: Error | null = null;
  const end = (error: Error): void => {
    ended ??= error;
    for (const refuse of [...open]) refuse(ended);
    open.clear();
  };
  worker.addEventListener('error', ({ message }) => end(new Bug(message || `The ${name} worker could not be loaded.`)));
  worker.addEventListener('messageerror', () => end(new Bug(`A message of the ${name} worker could not be read.`)));
  return {
    answered: (call) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(ended);
          return;
        }
        open.add(reject);
        call()
          .then(resolve, reject)
          .finally(() => open.delete(reject));
      }),
    end: () => {
      worker.terminate();
      end(new DOMException(`The ${name} worker was ended.`, 'AbortError'));
    },
  };
}
