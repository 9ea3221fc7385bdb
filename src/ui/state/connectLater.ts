// The train worker's calls before its module is there: the page is drawn first.
import type { WorkerApi } from '../../training/judging/judgeProtocol';

/** As `connectTrainWorker`; calls wait for it in their order. */
export function connectLater(onCrash: (error: Error) => void): WorkerApi {
  const connected = import('./trainRemote').then(({ connectTrainWorker }) => connectTrainWorker(onCrash));
  connected.catch(onCrash);
  return new Proxy({} as WorkerApi, {
    get:
      (_, name) =>
      async (...given: unknown[]) => {
        const remote = (await connected) as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>;
        return await remote[name]!(...given);
      },
  });
}
