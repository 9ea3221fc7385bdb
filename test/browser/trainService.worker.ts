// The train worker with a made-up task on the CPU, on the browser's true files, database and locks.
import { expose } from 'comlink';
import { opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { getRun, putRun, putView } from '../../src/runs/runStore';
import { whileTraining } from '../../src/runs/trainLock';
import { TrainService } from '../../src/training/trainService';
import { installWorkerErrors } from '../../src/workerErrors';
import { sampleAdapter } from '../runs/sampleRecord';
import { fakeTask, FakeWorld } from '../training/fakeTask';

const world = new FakeWorld();
world.faults = { waitMilliseconds: 8 };

installWorkerErrors();
expose(
  new TrainService({
    tasks: [{ ...fakeTask, presets: [], defaultPreset: '', accepts: [], metrics: [] }],
    loadRuntime: () => Promise.resolve(world.runtime()),
    createTrainer: world.createTrainer,
    devices: {
      open: () => Promise.resolve({ device: world.newDevice(), report: sampleAdapter }),
      measure: () => Promise.resolve(12),
    },
    checkpoints: opfsCheckpoints,
    runs: { getRun, putRun, putView },
    whileTraining,
    onListenerError: reportError,
  }),
);
