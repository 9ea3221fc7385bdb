// What keeps a run from starting, and what a device is offered that the settings did not fit.
import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/models/task';
import { presetSettings } from '../../src/ui/config/settingValues';
import { smallerSettings } from '../../src/ui/config/smallerSettings';
import { readinessOf, readinessText, type StartFacts } from '../../src/ui/state/readiness';
import { en } from '../../src/ui/strings/en';
import { tasks } from '../../src/ui/tasks';

const ready: StartFacts = {
  gpu: 'ready',
  active: false,
  data: 'files',
  sizing: false,
  reading: false,
  counted: null,
  usable: true,
  weights: 'fine',
  settingsValid: true,
};

describe('readiness', () => {
  test('nothing is owed: a run can start', () => {
    expect(readinessOf(ready)).toEqual({ reason: null, waits: false, counted: null });
  });

  test.each<[Partial<StartFacts>, string, boolean]>([
    [{ gpu: 'asking' }, 'Waiting for the GPU.', true],
    [{ gpu: 'asking', reading: true }, 'Waiting for the GPU.', true],
    [{ reading: true, counted: { done: 12, total: 64 } }, 'Reading 12 of 64 files.', true],
    [{ reading: true }, 'Reading the files.', true],
    [{ data: 'demo', sizing: true }, 'Sizing the demo for this GPU.', true],
    [{ weights: 'opening' }, 'Opening the chosen weights.', true],
    [{ gpu: 'missing', data: null }, 'There is no GPU to train on.', false],
    [{ gpu: 'asking', data: null }, 'Choose data to begin.', false],
    [{ usable: false }, 'None of the chosen files can be trained on.', false],
    [{ settingsValid: false }, 'A setting needs attention before training can start.', false],
  ])('%j: %s', (facts, sentence, waits) => {
    const readiness = readinessOf({ ...ready, ...facts });
    expect([readinessText(readiness, en), readiness.waits]).toEqual([sentence, waits]);
  });
});

describe('smaller settings', () => {
  const task = tasks.find(({ framesSetting }) => framesSetting === 'segments')!;
  const settings = { ...presetSettings(task, task.defaultPreset), batch: 32, accumulation: 2, segments: 8 };
  const tooLarge = (times: number) => ({ code: 'tensor-too-large', detail: { bytes: times * 1000, limit: 1000 } });
  const changes = (over: object, times = 2, of: Task = task) =>
    smallerSettings(of, { ...settings, ...over }, tooLarge(times)).map((offer) => offer.changes);

  test('half the batch keeps the effective batch; batch 1 and half the frames come after', () => {
    expect(changes({})).toEqual([{ batch: 16, accumulation: 4 }, { batch: 1, accumulation: 64 }, { segments: 4 }]);
  });

  test('what was asked too much says how small the batch must be', () => {
    expect(changes({}, 1.53)[0]).toEqual({ batch: 16, accumulation: 4 });
    expect(changes({}, 5)[0]).toEqual({ batch: 4, accumulation: 16 });
    expect(changes({}, 100)).toEqual([{ batch: 1, accumulation: 64 }, { segments: 4 }]);
  });

  test('an odd batch goes to a part that keeps the effective batch exactly', () => {
    expect(changes({ batch: 9, accumulation: 1 })[0]).toEqual({ batch: 3, accumulation: 3 });
    expect(changes({ batch: 7, accumulation: 3 })[0]).toEqual({ batch: 3, accumulation: 7 });
  });

  test('where the batch is 1 only frames are left, and of one frame nothing', () => {
    expect(changes({ batch: 1 })).toEqual([{ segments: 4 }]);
    expect(changes({ batch: 1, segments: 1 })).toEqual([]);
  });

  test('what the settings do not allow is not offered', () => {
    expect(changes({ batch: 1024, accumulation: 1024 }, 2)).toEqual([{ segments: 4 }]);
  });

  test('without numbers in the error half is offered', () => {
    const offers = smallerSettings(task, settings, { code: 'out-of-memory', detail: {} });
    expect(offers[0]!.changes).toEqual({ batch: 16, accumulation: 4 });
  });

  test.each(tasks)('$name names settings that exist', (each) => {
    const keys = each.settings.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['batch', 'accumulation', each.framesSetting ?? 'batch']));
  });
});
