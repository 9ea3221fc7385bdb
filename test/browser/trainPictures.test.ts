// The clip classifier trains an epoch on folders of made-up pictures, by the parts that the page's worker uses.
import { afterAll, expect, it } from 'vitest';
import { openDevice } from '../../src/engine/device/adapter';
import { runtime } from '../../src/models/mntsm/runtime';
import { task } from '../../src/models/mntsm/task';
import { memoryCheckpoints, memoryRuns } from '../../src/runs/memoryStores';
import { DecodedVideos } from '../../src/frames/decodedVideos';
import type { DataFile } from '../../src/formats/dataFile';
import type { DataSource } from '../../src/annotations/dataSource';
import type { RunEvent } from '../../src/training/protocol';
import type { Settings } from '../../src/models/settings';
import { createTrainer } from '../../src/training/trainer/createTrainer';
import { TrainService } from '../../src/training/trainService';
import { DecodePool } from '../../src/video/decodePool';
import { clearFrameCache, FrameCache, frameCacheSize } from '../../src/video/frameCache';
import { presetSettings } from '../../src/ui/config/settingValues';
import { numberedPictures } from './pictures';

const people = 3;
const pictures = 8;

afterAll(clearFrameCache);

const service = new TrainService({
  tasks: [task],
  loadRuntime: () => Promise.resolve(runtime),
  createTrainer,
  devices: { open: () => openDevice(), measure: () => Promise.resolve(1) },
  checkpoints: memoryCheckpoints(),
  runs: memoryRuns(),
  openVideos: (open) => {
    const pool = new DecodePool(() => expect.unreachable('pictures need no decoder'), 2);
    return new DecodedVideos({ pool, cache: new FrameCache(true), openDevice: open, memoryBytes: 0 });
  },
  whileTraining: (work) => work(),
  onListenerError: (error) => expect.unreachable(String(error)),
});

async function folders(): Promise<DataFile[]> {
  const lists: DataFile[] = [];
  for (let person = 0; person < people; person++)
    for (const kind of ['real', 'fake']) {
      const size = { type: 'image/jpeg', width: 40 + person, height: kind === 'real' ? 48 : 50 };
      lists.push(...(await numberedPictures(`${kind}/${person}`, pictures, size)));
    }
  const cut = lists.findIndex(({ path }) => path === 'real/0/000003.jpeg');
  return lists.with(cut, { path: lists[cut]!.path, blob: new File([lists[cut]!.blob.slice(0, 40)], 'cut') });
}

const settings = {
  ...presetSettings(task, 'narrow'),
  ...{ epochs: 1, batch: 2, imageSize: 32, cropJitter: 0, segments: 2, clipSeconds: 0.32, strideSeconds: 0.32 },
  cacheFrames: true,
  ...{ split: 'video', validationShare: 0.2, testShare: 0, validateEvery: 1, judgeTraining: false },
};

async function train(data: DataSource, chosen: Settings): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const config = { runId: 'a', name: 'quiet-heron', task: 'mntsm', preset: 'narrow', data, settings: chosen };
  await service.start({ ...config, tuning: 'off' }, (event) => void events.push(event));
  return events;
}

const of = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

it('trains an epoch, keeps the frames if asked to, and names the picture that cannot be read', async () => {
  const data = { kind: 'files', name: 'faces', files: await folders() } as const;
  const report = await service.check('mntsm', data, settings);
  expect(report).toMatchObject({ found: 2 * people, usable: 2 * people, counts: { pictures: 2 * people * pictures } });
  expect((await frameCacheSize()).videos).toBe(0);

  const plain = await train(data, { ...settings, cacheFrames: false });
  expect(of(plain, 'finished')).toHaveLength(1);
  expect(of(plain, 'frames')).toEqual([]);
  expect((await frameCacheSize()).videos).toBe(0);

  const events = await train(data, settings);
  expect(of(events, 'failed')).toEqual([]);
  expect(of(events, 'notice').map(({ code, detail }) => [code, detail['path']])).toContainEqual([
    'picture-replaced',
    'real/0/000003.jpeg',
  ]);
  const bytes = 2 * people * pictures * 32 * 32 * 4;
  expect(of(events, 'frames').map(({ report: kept }) => kept)).toMatchObject([
    { videos: 2 * people, kept: 2 * people, writtenBytes: bytes },
  ]);
  expect(await frameCacheSize()).toMatchObject({ videos: 2 * people, bytes });
  const losses = of(events, 'steps').flatMap(({ records }) => records.map(({ loss }) => loss));
  expect(losses.length).toBeGreaterThan(0);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(of(events, 'finished')).toHaveLength(1);
}, 240_000);
