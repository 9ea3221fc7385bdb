// Presets that a device cannot train are named with the limit that they miss; those that fit in smaller batches are not.
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors';
import type { Settings } from '../../src/models/settings';
import type { Task } from '../../src/models/task';
import { PresetFits } from '../../src/ui/state/presetFits.svelte';
import type { Workbench } from '../../src/ui/state/workbench.svelte';
import { tasks } from '../../src/ui/tasks';

const task = tasks.find(({ name }) => name === 'pose')!;

/** A device that takes no more than so many frames at once, and no wide network at all. */
function device(frames: number) {
  const asked: Settings[] = [];
  const forecast = (_: Task, settings: Settings) => {
    asked.push(settings);
    const bytes = Number(settings['batch']) * Number(settings['frames']) * (Number(settings['width']) > 64 ? 1e6 : 1);
    if (bytes > frames)
      return Promise.reject(new UserError('tensor-too-large', 'too large', { bytes, limit: frames, path: 'x' }));
    return Promise.resolve(null);
  };
  const bench = { forecast, gpu: { state: 'ready' } } as unknown as Pick<Workbench, 'forecast' | 'gpu'>;
  return { bench, asked };
}

test('says what is missing, once it was looked into', async () => {
  const fits = new PresetFits();
  const { bench } = device(1000);
  expect(fits.reason(task, 'motionagformer-base', 'en')).toBeUndefined();
  await fits.look(bench, task);
  expect(fits.reason(task, 'motionagformer-base', 'en')).toMatch(/^needs .+ in one buffer, this device gives .+$/);
  expect(fits.reason(task, 'narrow', 'en')).toBeUndefined();
  const other = tasks.find(({ name }) => name !== 'pose')!;
  expect(fits.reason(other, 'demo', 'en')).toBeUndefined();
});
