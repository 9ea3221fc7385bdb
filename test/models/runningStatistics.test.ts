// Running statistics of the demos' models: a step makes them in place and copies nothing at its end.
import { describe, expect, it } from 'vitest';
import { defaultTarget } from '../../src/engine/kernels/target';
import type { Task } from '../../src/models/task';
import type { TaskRuntime } from '../../src/training/runtime';
import { trainingParts } from '../../src/training/trainer/createTrainer';
import { planTraining } from '../../src/training/trainer/planTraining';
import { presetSettings } from '../../src/ui/config/settingValues';

const tasks = import.meta.glob<Task>('../../src/models/*/task.ts', { eager: true, import: 'task' });
const runtimes = import.meta.glob<TaskRuntime>('../../src/models/*/runtime.ts', { eager: true, import: 'runtime' });
/** How many statistics each demo updates; none has a queue. */
const statistics: Readonly<Record<string, number>> = { mntsm: 92, 'remoteclip-detector': 38, pose: 4, adatad: 1 };

describe.each(Object.entries(tasks).map(([path, task]) => [task.name, path, task] as const))(
  '%s',
  (name, path, task) => {
    it.each([false, true])('updates all in place, on a CPU: %s', (software) => {
      const runtime = runtimes[path.replace('task.ts', 'runtime.ts')]!;
      const settings = presetSettings(task, runtime.sizeDemo(30).preset);
      const parts = trainingParts({ runtime, settings, facts: runtime.demoFacts ?? {} });
      const { model, optimizer, recompute, accumulation } = parts;
      const target = { ...defaultTarget, software };
      const [step] = planTraining(model, target, { ...optimizer }, { recompute, accumulation }).planned.programs;
      expect(step?.updatesInPlace.size).toBe(statistics[name] ?? 0);
      expect([...step!.updatesCopied.keys()]).toEqual([]);
    });
  },
);
