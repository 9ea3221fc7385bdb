// The train worker as the page calls it. What starts it is loaded after the page is drawn: calls wait for it, in order.
import type { WorkerApi } from '../../training/judging/judgeProtocol';

/** `onCrash` hears of a worker that could not be loaded or died, which no call would ever answer. */
export function connectLater(onCrash: (error: Error) => void): WorkerApi {
  const started = import('./trainRemote').then(({ startTrainWorker }) => startTrainWorker(onCrash));
  started.catch(onCrash);
  return new Proxy({} as WorkerApi, {
    get:
      (_, name) =>
      async (...given: unknown[]) =>
        await (
          await started
        )(name, given),
  });
}
