// Data is read once for a check and the runs after it; its videos are closed when other data is asked for.
import { expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { integer } from '../../src/models/settingFields';
import type { RunEvent } from '../../src/training/protocol';
import type { TaskRuntime } from '../../src/training/runtime';
import type { TrainerOrder } from '../../src/training/trainer/createTrainer';
import { TrainService } from '../../src/training/trainService';
import type { VideoStore } from '../../src/frames/videoStore';
import { sampleAdapter } from '../runs/sampleRecord';
import { fakeSettings, fakeTask, FakeWorld } from './fakeTask';
import { keepingFrames } from './keepingFrames';

const demo = { kind: 'demo' } as const;
const frames = integer('data', 'frames', 8, { minimum: 1, maximum: 64 });

/** A service whose stores tell what becomes of them; with `decodes` false there is nothing to open any. */
function service(prepare?: TaskRuntime['prepare'], decodes = true) {
  const world = new FakeWorld();
  const said: string[] = [];
  let opened = 0;
  const runtime = world.runtime();
  const parts = {
    tasks: [{ ...fakeTask, settings: [frames], presets: [], defaultPreset: '', accepts: [], metrics: [] }],
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

it('reads once for a check and for the runs after it', async () => {
  const { said, api, config } = service();
  await api.check('lines', demo, fakeSettings);
  await api.start(config, () => undefined);
  await api.start({ ...config, runId: 'b', settings: { ...fakeSettings, seed: 8 } }, () => undefined);
  expect(said).toEqual(['opens 1', 'prepares with videos', 'trains', 'trains']);
});

it('reads anew when a setting of the data or a file changes, and closes what was read before', async () => {
  const { said, api } = service();
  const label = (text: string) => ({ path: 'labels.json', blob: new Blob([text]) });
  const folder = (text: string) => ({ kind: 'files', name: 'mine', files: [label(text)] }) as const;
  await api.check('lines', folder('[1]'), { frames: 8 });
  await api.check('lines', folder('[1]'), { frames: 8, epochs: 3 });
  expect(said).toEqual(['opens 1', 'prepares with videos']);
  await api.check('lines', folder('[1]'), { frames: 9 });
  await api.check('lines', folder('[2]'), { frames: 9 });
  expect(said.slice(2)).toEqual([
    ...['opens 2', 'closes 1', 'prepares with videos'],
    ...['opens 3', 'closes 2', 'prepares with videos'],
  ]);
});

it('gives a task no setting but those of the data', async () => {
  let given: unknown;
  const { api } = service((_data, settings) => {
    given = settings;
    return new FakeWorld().runtime().prepare(demo, settings, () => undefined);
  });
  await api.check('lines', demo, { ...fakeSettings, frames: 8 });
  expect(given).toEqual({ frames: 8 });
});

it('keeps the videos of a run open while other data is checked', async () => {
  const { said, api, config } = service();
  const running = api.start(config, () => undefined);
  while (!said.includes('trains')) await new Promise((resolve) => setTimeout(resolve, 1));
  await api.check('lines', demo, { frames: 9 });
  expect(said).not.toContain('closes 1');
  await running;
  expect(said).toContain('closes 1');
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
  // What the check read serves the run.
  expect(said).toEqual(['prepares without', 'trains']);
});
