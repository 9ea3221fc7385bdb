// The only module that makes the train worker and speaks comlink with it.
import { proxy, wrap } from 'comlink';
import { Bug } from '../../errors';
import type { TrainApi } from '../../training/protocol';
import { installWorkerErrors } from '../../workerErrors';

/** `onCrash` hears of a worker that could not be loaded or died, which no call would ever answer. */
export function connectTrainWorker(onCrash: (error: Error) => void): TrainApi {
  installWorkerErrors();
  const worker = new Worker(new URL('../../../workers/train.ts', import.meta.url), { type: 'module', name: 'train' });
  worker.addEventListener('error', (event) => {
    onCrash(new Bug(event.message || 'The train worker could not be loaded.'));
  });
  worker.addEventListener('messageerror', () => onCrash(new Bug('A message of the train worker could not be read.')));
  const remote = wrap<TrainApi>(worker);
  return {
    adapter: () => remote.adapter(),
    check: (task, data, settings, onProgress) => remote.check(task, data, settings, onProgress && proxy(onProgress)),
    sizeDemo: (task) => remote.sizeDemo(task),
    start: (config, onEvent) => remote.start(config, proxy(onEvent)),
    resume: (config, onEvent) => remote.resume(config, proxy(onEvent)),
    pause: () => remote.pause(),
    unpause: () => remote.unpause(),
    step: () => remote.step(),
    stop: () => remote.stop(),
    set: (key, value) => remote.set(key, value),
    exportWeights: (runId, which, format, weights) => remote.exportWeights(runId, which, format, weights),
  };
}
