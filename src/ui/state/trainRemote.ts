// The only module that makes the train worker and speaks comlink with it.
import { proxy, wrap } from 'comlink';
import { Bug } from '../../errors';
import type { WorkerApi } from '../../training/judging/judgeProtocol';
import { installWorkerErrors } from '../../workerErrors';

/** Calls a function of the worker by its name. */
export type CallWorker = (name: PropertyKey, given: readonly unknown[]) => unknown;

/** `onCrash` hears of a worker that could not be loaded or died, which no call would ever answer. */
export function startTrainWorker(onCrash: (error: Error) => void): CallWorker {
  installWorkerErrors();
  const worker = new Worker(new URL('../../../workers/train.ts', import.meta.url), { type: 'module', name: 'train' });
  worker.addEventListener('error', (event) => {
    onCrash(new Bug(event.message || 'The train worker could not be loaded.'));
  });
  worker.addEventListener('messageerror', () => onCrash(new Bug('A message of the train worker could not be read.')));
  const remote = wrap<WorkerApi>(worker) as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>;
  // A function given to the worker stays here; everything else is copied.
  return (name, given) => remote[name]!(...given.map((one) => (typeof one === 'function' ? proxy(one) : one)));
}
