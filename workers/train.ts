// The train worker: owns the GPU device and the run. It unwraps calls, hands them to src, and wraps the answers.
import { expose } from 'comlink';
import { openDevice } from '../src/engine/device/adapter';
import { measureGigaflops } from '../src/engine/device/gigaflops';
import { inOrder, type Task } from '../src/models/task';
import { opfsCheckpoints } from '../src/runs/opfsCheckpoints';
import { getRun, putRun, putView } from '../src/runs/runStore';
import { whileTraining } from '../src/runs/trainLock';
import { tuningStore } from '../src/runs/tuningStore';
import type { WorkerApi } from '../src/training/judging/judgeProtocol';
import type { TaskRuntime } from '../src/training/runtime';
import { pageFinders } from '../src/finders/finders';
import { DecodedVideos } from '../src/frames/decodedVideos';
import { Planner } from '../src/training/planning/planner';
import { connectPlanWorker } from '../src/training/planning/planRemote';
import { createTrainer } from '../src/training/trainer/createTrainer';
import { TrainService } from '../src/training/trainService';
import { connectDecodeWorker } from '../src/video/decodeRemote';
import { DecodePool } from '../src/video/decodePool';
import { FrameCache } from '../src/video/frameCache';
import { installWorkerErrors } from '../src/workerErrors';

// A model's folder is found by its name; its engine code loads when it is first trained.
const tasks = import.meta.glob<{ task: Task }>('../src/models/*/task.ts', { eager: true });
const runtimes = import.meta.glob<{ runtime: TaskRuntime }>('../src/models/*/runtime.ts');

installWorkerErrors();

const startDecoder = () =>
  connectDecodeWorker(new Worker(new URL('./decode.ts', import.meta.url), { type: 'module', name: 'decode' }));

const startPlanner = () =>
  connectPlanWorker(new Worker(new URL('./plan.ts', import.meta.url), { type: 'module', name: 'plan' }));

const service: WorkerApi = new TrainService({
  tasks: inOrder(Object.values(tasks).map(({ task }) => task)),
  loadRuntime: async (name) => (await runtimes[`../src/models/${name}/runtime.ts`]?.())?.runtime,
  createTrainer,
  devices: { open: () => openDevice(), measure: measureGigaflops },
  checkpoints: opfsCheckpoints,
  runs: { getRun, putRun, putView },
  planner: new Planner(startPlanner),
  tunings: tuningStore,
  openVideos: (openDevice) =>
    new DecodedVideos({ pool: new DecodePool(startDecoder), cache: new FrameCache(true), openDevice }),
  finders: pageFinders(),
  whileTraining,
  // Reaches the page as the worker's error event.
  onListenerError: reportError,
});

expose(service);
