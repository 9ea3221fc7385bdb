// The checkpoint store inside a worker, where OPFS gives synchronous access.
import { expose } from 'comlink';
import { opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { installWorkerErrors } from '../../src/workerErrors';

installWorkerErrors();
expose(opfsCheckpoints);
