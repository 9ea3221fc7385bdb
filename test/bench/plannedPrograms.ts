// The programs of a workload's or a task's step as planned, before anything is compiled.
import type { Tuner } from '../../src/engine/device/tuning';
import type { PlannedProgram } from '../../src/engine/passes/plan';
import { setup } from './adapter';
import type { Engine } from './engine';
import { ownWorkloads } from './ownWorkloads';
import { checkTask, taskNames, taskStep } from './taskStep';
import type { WorkloadsModule } from './workloads';

/** Ends the setting up of an engine once its programs are known. */
class Planned extends Error {
  readonly programs: readonly PlannedProgram[];

  constructor(programs: readonly PlannedProgram[]) {
    super('planned');
    this.programs = programs;
  }
}

const stopAtPrograms: Tuner = {
  choose: () => undefined,
  learn: (_device, programs) => Promise.reject(new Planned(programs)),
};

/**
 * `subject` is a workload at its base size, or `task:NAME` or `task:NAME:PRESET`; `workloads` is null where there is no
 * peer bench. Kernels are made by their best guesses.
 */
export async function plannedPrograms(
  subject: string,
  device: GPUDevice,
  workloads: WorkloadsModule | null,
): Promise<readonly PlannedProgram[]> {
  try {
    const engine = await start(subject, device, workloads);
    await engine.dispose();
  } catch (error) {
    if (error instanceof Planned) return error.programs;
    throw error;
  }
  return [];
}

/** Throws an Error where there is no such subject. */
export function checkSubject(subject: string, workloads: WorkloadsModule | null): void {
  const known = [...(workloads?.WORKLOADS ?? []), ...ownWorkloads.keys(), ...taskNames().map((name) => `task:${name}`)];
  const task = taskOf(subject);
  if (task && taskNames().includes(task.name)) checkTask(task);
  else if (!known.includes(subject)) throw new Error(`There is no ${subject} to plan; there are ${known.join(', ')}.`);
}

function taskOf(subject: string) {
  const [kind, name = '', preset = 'demo'] = subject.split(':');
  return kind === 'task' ? ({ kind, name, preset, settings: {} } as const) : null;
}

async function start(subject: string, device: GPUDevice, workloads: WorkloadsModule | null): Promise<Engine> {
  checkSubject(subject, workloads);
  const task = taskOf(subject);
  if (task) return (await taskStep(device, task, 0, stopAtPrograms)).setup();
  const own = ownWorkloads.get(subject);
  const workload = own ? own.make('base', {}) : workloads!.makeWorkload(subject, 'base', {});
  return setup(device, workload, stopAtPrograms);
}
