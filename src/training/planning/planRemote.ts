// Speaks with a plan worker.
import { wrap } from 'comlink';
import { workerCalls } from '../../workerCalls';
import { installWorkerErrors } from '../../workerErrors';
import type { PlanRequest, PlanWorker } from './planner';

/** `worker` runs workers/plan.ts. */
export function connectPlanWorker(worker: Worker): PlanWorker {
  installWorkerErrors();
  const remote = wrap<Pick<PlanWorker, 'plan'>>(worker);
  const { answered, end } = workerCalls(worker, 'plan');
  return { plan: (request: PlanRequest) => answered(() => remote.plan(request)), end };
}
