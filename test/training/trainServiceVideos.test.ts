// Each check and each run has videos of its own, which are closed at its end, whatever came of it.
import { expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import type { RunEvent } from '../../src/training/protocol';
import type { TaskRuntime } from '../../src/training/runtime';
import type { TrainerOrder } from '../../src/training/trainer/createTrainer';
import { TrainService } from '../../src/training/trainService';
import type { VideoStore } from '../../src/frames/videoStore';
import { sampleAdapter } from '../runs/sampleRecord';
import { fakeSettings, fakeTask, FakeWorld } from './fakeTask';
import { keepingFrames } from './keepingFrames';

const demo = { kind: 'demo' } as const;

/** A service whose stores tell what becomes of them; with `decodes` false there is nothing to open any. */
function service(prepare?: TaskRuntime['prepare'], decodes = true) {
  const world = new FakeWorld();
  const said: string[] = [];
  let opened = 0;
  const runtime = world.runtime();
  const parts = {
    findTask: () => ({ ...fakeTask, presets: [], defaultPreset: '', accepts: [], metrics: [] }),
    loadRuntime: () =>
      Promise.resolve<TaskRuntime>({
        ...runtime,
        async prepare(data, settings, progress, tools) {
          said.push(tools ? 'prepares with videos' : 'prepares without');
          return await (prepare ?? runtime.prepare)(data, settings, progress, tools);
        },
      }),
    createTrainer: async (order: TrainerOrder) => {
      said.push('trains');
      return await world.createTrainer(order);
    },
    devices: {
      open: () => Promise.resolve({ device: world.newDevice(), report: sampleAdapter }),
      measure: () => Promise.resolve(1),
    },
    checkpoints: world.checkpoints,
    runs: world.runs,
    ...(decodes && {
      openVideos: () => {
        const number = ++opened;
        said.push(`opens ${number}`);
        return { dispose: () => said.push(`closes ${number}`) } as unknown as VideoStore;
      },
    }),
    whileTraining: (work: () => Promise<void>) => work(),
    onListenerError: () => undefined,
  };
  const config = { runId: 'a', name: 'quiet-heron', task: 'lines', preset: 'tiny', data: demo, settings: fakeSettings };
  return { said, config, api: new TrainService(parts) };
}

it('opens them for a check and for a run, and closes them', async () => {
  const { said, api, config } = service();
  await api.check('lines', demo, fakeSettings);
  await api.start(config, () => undefined);
  expect(said).toEqual([
    ...['opens 1', 'prepares with videos', 'closes 1'],
    ...['opens 2', 'prepares with videos', 'trains', 'closes 2'],
  ]);
});

it('decodes no frames in advance for a check', async () => {
  const { runtime, calls } = keepingFrames(new FakeWorld());
  const { api, config } = service((...given) => runtime.prepare(...given));
  await api.check('lines', demo, fakeSettings);
  expect(calls()).toBe(0);
  await api.start(config, () => undefined);
  expect(calls()).toBe(1);
});

it('tells of damaged files: a check in its report, a run by notices, of which there are few', async () => {
  const world = new FakeWorld();
  const { api, config } = service(async (data, settings, progress, tools) => {
    for (let i = 0; i < 50; i++) tools?.tell?.(new UserError('image-damaged', 'damaged', { path: `${i}.png` }));
    return await world.runtime().prepare(data, settings, progress);
  });
  const { problems } = await api.check('lines', demo, fakeSettings);
  expect(problems).toHaveLength(50);
  expect(problems[7]).toEqual({ path: '7.png', code: 'image-damaged', message: 'damaged', detail: { path: '7.png' } });
  const events: RunEvent[] = [];
  await api.start(config, (event) => void events.push(event));
  const notices = events.filter(({ type }) => type === 'notice');
  expect(notices).toHaveLength(10);
  expect(notices[9]).toMatchObject({ code: 'image-damaged', detail: { path: '9.png' } });
});

it('closes them after a failure', async () => {
  const { said, api, config } = service(() => Promise.reject(new UserError('video-damaged', 'damaged')));
  await expect(api.check('lines', demo, fakeSettings)).rejects.toThrow('damaged');
  await api.start(config, () => undefined);
  expect(said.filter((one) => one.startsWith('closes'))).toEqual(['closes 1', 'closes 2']);
});

it('does without where nothing decodes', async () => {
  const { said, api, config } = service(undefined, false);
  await api.check('lines', demo, fakeSettings);
  await api.start(config, () => undefined);
  expect(said).toEqual(['prepares without', 'prepares without', 'trains']);
});
