// Speaks with a decode worker.
import { wrap } from 'comlink';
import type { DecodeWorker } from './decodePool';
import type { DecodeApi } from './decodeService';
import { workerCalls } from '../workerCalls';
import { installWorkerErrors } from '../workerErrors';

/** `worker` runs workers/decode.ts. Calls that are open when it ends are refused with an AbortError. */
export function connectDecodeWorker(worker: Worker): DecodeWorker {
  installWorkerErrors();
  const remote = wrap<DecodeApi>(worker);
  const { answered, end } = workerCalls(worker, 'decode');
  return {
    api: {
      open: (file, path) => answered(() => remote.open(file, path)),
      decode: (video, wanted) => answered(() => remote.decode(video, wanted)),
      read: (stream, count) => answered(() => remote.read(stream, count)),
      cancel: (stream) => answered(() => remote.cancel(stream)),
      close: (video) => answered(() => remote.close(video)),
    },
    terminate: end,
  };
}
