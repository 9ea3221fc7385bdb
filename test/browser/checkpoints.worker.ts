// The checkpoint store inside a worker, where OPFS gives synchronous access; takes bytes, since pieces cannot cross.
import { expose } from 'comlink';
import { opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { installWorkerErrors } from '../../src/workerErrors';
import { inPieces } from '../helpers/inPieces';

export const bytesStore = {
  ...opfsCheckpoints,
  write: (runId: string, step: number, bytes: Uint8Array<ArrayBuffer>, pieceBytes?: number, failAt?: number) =>
    opfsCheckpoints.write(runId, step, inPieces(bytes, pieceBytes, failAt)),
};

installWorkerErrors();
if (!('document' in globalThis)) expose(bytesStore);
