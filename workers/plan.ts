// The plan worker: traces and plans what settings ask of a device, which takes seconds for large models. No GPU.
import { expose } from 'comlink';
import { Bug } from '../src/errors';
import type { PlanWorker } from '../src/training/planning/planner';
import type { TaskRuntime } from '../src/training/runtime';
import { forecast } from '../src/training/trainer/forecast';
import { installWorkerErrors } from '../src/workerErrors';

const runtimes = import.meta.glob<{ runtime: TaskRuntime }>('../src/models/*/runtime.ts');

installWorkerErrors();

const api: Pick<PlanWorker, 'plan'> = {
  async plan({ task, ...order }) {
    const loaded = await runtimes[`../src/models/${task}/runtime.ts`]?.();
    if (!loaded) throw new Bug(`no model ${task}`);
    return forecast({ runtime: loaded.runtime, ...order });
  },
};

expose(api);
