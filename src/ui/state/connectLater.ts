// The train worker's calls before its module is there: the page is drawn first.
import type { WorkerApi } from '../../training/judging/judgeProtocol';

/** As `connectTrainWorker`; calls wait for it in their order. */
export function connectLater(onCrash: (error: Error) => void): WorkerApi {
  // In an object, since a promise takes what answers to `then` for another promise, and the remote answers to any name.
  const connected = import('./trainRemote').then(({ connectTrainWorker }) => ({ remote: connectTrainWorker(onCrash) }));
  connected.catch(onCrash);
  return new Proxy({} as WorkerApi, {
    get:
      (_, name) =>
      async (...given: unknown[]) => {
        const { remote } = await connected;
        return await (remote as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>)[name]!(...given);
      },
  });
}
