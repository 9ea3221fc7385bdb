// The only module that makes the train worker and speaks comlink with it.
import { proxy, wrap } from 'comlink';
import { Bug } from '../../errors';
import type { WorkerApi } from '../../training/judging/judgeProtocol';
import { installWorkerErrors } from '../../workerErrors';

/** `onCrash` hears of a worker that could not be loaded or died, which no call would ever answer. */
export function connectTrainWorker(onCrash: (error: Error) => void): WorkerApi {
  installWorkerErrors();
  const worker = new Worker(new URL('../../../workers/train.ts', import.meta.url), { type: 'module', name: 'train' });
  worker.addEventListener('error', (event) => {
    onCrash(new Bug(event.message || 'The train worker could not be loaded.'));
  });
  worker.addEventListener('messageerror', () => onCrash(new Bug('A message of the train worker could not be read.')));
  const remote = wrap<WorkerApi>(worker);
  // A function given to the worker stays here; everything else is copied.
  return new Proxy({} as WorkerApi, {
    get:
      (_, name) =>
      (...given: unknown[]) =>
        (remote as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>)[name]!(
          ...given.map((one) => (typeof one === 'function' ? proxy(one) : one)),
        ),
  });
}
