// Every preset of every task can be built: it is planned, or refused for its size, and nothing else.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import type { Task } from '../../src/models/task';
import { presetSettings } from '../../src/ui/config/settingValues';
import { forecast } from '../../src/training/trainer/forecast';
import type { Facts, TaskRuntime } from '../../src/training/runtime';

const tasks = import.meta.glob<Task>('../../src/models/*/task.ts', { eager: true, import: 'task' });
const runtimes = import.meta.glob<TaskRuntime>('../../src/models/*/runtime.ts', { eager: true, import: 'runtime' });

/** What data says that the demo does not: texts for a text tower. */
const more: Readonly<Record<string, (facts: Facts) => Facts>> = {
  'remoteclip-detector': (facts) => ({
    ...facts,
    tokens: (facts['classes'] as readonly string[]).map(() => [49406, 320, 49407]),
  }),
};

describe.each(Object.entries(tasks).map(([path, task]) => [task.name, path, task] as const))(
  '%s',
  (name, path, task) => {
    const runtime = runtimes[path.replace('task.ts', 'runtime.ts')]!;
    it.each(task.presets.map((preset) => preset.name))('%s', (preset) => {
      const demo = runtime.demoFacts ?? {};
      const facts = more[name]?.(demo) ?? demo;
      const plan = () => {
        try {
          forecast({
            ...{ runtime, settings: presetSettings(task, preset), facts, trainClips: null, adapter: null },
          });
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(['tensor-too-large', 'memory-budget']).toContain(error.code);
        }
      };
      expect(plan).not.toThrow();
    });
  },
);
