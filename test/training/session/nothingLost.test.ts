// What a run leaves behind where there is little room, where the GPU goes at once, and where settings change on the way.
import { expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import { HeldCheckpoints } from '../../../src/runs/heldCheckpoints';
import { memoryCheckpoints, memoryRuns } from '../../../src/runs/memoryStores';
import { readSafetensors } from '../../../src/formats/safetensors';
import { exportWeights } from '../../../src/training/weights/exportWeights';
import type { Moment } from '../../../src/training/protocol';
import { FakeWorld, fakeTask } from '../fakeTask';

const last = { which: 'last', format: 'safetensors', weights: 'raw', metricName: 'error' } as const;
const best = { ...last, which: 'best' } as const;

interface ShownVideos {
  readonly videos: readonly { readonly path: string; readonly media: Blob }[];
}

/** A store of at most so many checkpoints. */
function roomFor(files: number) {
  const store = memoryCheckpoints();
  const write: typeof store.write = async (runId, step, content) => {
    if ((await store.list(runId)).length >= files) throw new UserError('storage-full', 'No room.');
    await store.write(runId, step, content);
  };
  return { ...store, write };
}

const stepOf = async (blob: Blob): Promise<string | undefined> =>
  readSafetensors(await blob.arrayBuffer()).metadata['step'];

it('keeps the final weights in memory where storage is full from the start', async () => {
  const world = new FakeWorld();
  const held = new HeldCheckpoints(roomFor(0));
  world.faults.metrics = [9, 1, 2, 3, 4];
  world.checkpoints = held;
  await world.session().run();
  expect(world.of('checkpoint').at(-1)).toMatchObject({ step: 20, held: true });
  // Told at step 0, when there is time to make room.
  const told = world.events.findIndex((event) => event.type === 'notice');
  expect(told).toBeLessThan(world.events.findIndex((event) => event.type === 'steps'));
  expect(await stepOf(await exportWeights(held, 'run-1', last))).toBe('20');
  expect((await held.list('run-1')).map(({ step }) => step)).toEqual([20, 5]);
  expect((await world.runs.getRun('run-1'))!.bytes).toBe(0);
});

it('lets the newest checkpoint give way to the result of the run, and never the best', async () => {
  const world = new FakeWorld();
  world.faults.metrics = [9, 1, 2, 3, 4];
  const held = new HeldCheckpoints(roomFor(2));
  world.checkpoints = held;
  await world.session({ checkpointEvery: 2 }).run();
  expect((await held.list('run-1')).map(({ step }) => step)).toEqual([20, 5]);
  expect(held.isHeld('run-1', 20)).toBe(false);
  expect(await stepOf(await exportWeights(held, 'run-1', best))).toBe('5');
});

it('holds the result where the best fills all the room', async () => {
  const world = new FakeWorld();
  world.faults.metrics = [9, 1, 2, 3, 4];
  const held = new HeldCheckpoints(roomFor(1));
  world.checkpoints = held;
  await world.session({ checkpointEvery: 2 }).run();
  expect(await stepOf(await exportWeights(held, 'run-1', best))).toBe('5');
  expect(await stepOf(await exportWeights(held, 'run-1', last))).toBe('20');
  expect(held.isHeld('run-1', 20)).toBe(true);
});

it('has a checkpoint after the first steps, and then less and less often', async () => {
  const world = new FakeWorld();
  world.faults.stepMilliseconds = 700;
  world.faults.trainClips = 400;
  await world.session({ epochs: 1, checkpointEvery: 0 }).run();
  // At 2 s, after 4 s more, 8 s, 16 s, and 30 s.
  const steps = world.of('checkpoint').map(({ step }) => step);
  expect(steps[1]).toBeLessThanOrEqual(5);
  expect(steps.length).toBeLessThanOrEqual(7);
});

it('records what was changed on the way, with the step', async () => {
  const world = new FakeWorld();
  const learningRate = { key: 'learningRate', midRun: true, schema: (await import('valibot')).number() };
  const task = { ...fakeTask, settings: [learningRate] } as unknown as typeof fakeTask;
  const session = world.session({}, false, task);
  world.faults.onLosses = () => {
    if (world.of('change').length === 0) session.set('learningRate', 0.01);
  };
  await session.run();
  const { change } = world.of('change')[0]!;
  expect(change).toMatchObject({ key: 'learningRate', from: 0.05, to: 0.01 });
  const record = (await world.runs.getRun('run-1'))!;
  expect(record.changes).toEqual([change]);
  // Another rate for the run that goes on is a change as well, at the step where it goes on.
  await world.session({ epochs: 5, learningRate: 0.02 }, true, task).run();
  expect((await world.runs.getRun('run-1'))!.changes).toEqual([
    change,
    { step: 20, key: 'epochs', from: 4, to: 5 },
    { step: 20, key: 'learningRate', from: 0.01, to: 0.02 },
  ]);
});

it('goes on after a time limit, to the epochs asked for', async () => {
  const world = new FakeWorld();
  world.faults.stepMilliseconds = 1000;
  await world.session({ timeLimitSeconds: 7 }).run();
  expect(world.of('finished')[0]!.summary).toMatchObject({ reason: 'time-limit' });
  await world.session({ timeLimitSeconds: 0 }, true).run();
  expect(world.of('finished')[1]!.summary).toMatchObject({ reason: 'all-epochs', steps: 20 });
});

it('says with every epoch which one is the best, also of a run that stopped in mid-epoch and went on', async () => {
  const world = new FakeWorld();
  world.faults.metrics = [9, 1, 5, 6, 7, 8];
  world.faults.stepMilliseconds = 1000;
  await world.session({ timeLimitSeconds: 3 }).run();
  await world.session({ timeLimitSeconds: 0 }, true).run();
  const told = world.of('epoch').map(({ best: one }) => one);
  expect(new Set(told.map((one) => one!.value))).toEqual(new Set([1]));
  expect(told.at(-1)).toEqual((await world.runs.getRun('run-1'))!.best);
  expect(world.of('finished').at(-1)!.summary.best).toEqual(told.at(-1));
});

it.each([
  ['a person', { kind: 'files', name: 'walks', files: [] } as const, [0, 0, 0]],
  ['the demo', { kind: 'demo' } as const, [4, 4, 4]],
])('keeps of what its view drew the videos of %s', async (_, data, sizes) => {
  const world = new FakeWorld();
  const kept: number[] = [];
  world.faults.view = { videos: [{ path: 'a.mp4', media: new Blob(['film']) }] };
  world.source = data;
  world.runs = {
    ...memoryRuns(),
    putView: (_runId, _moment, view) => Promise.resolve(void kept.push((view as ShownVideos).videos[0]!.media.size)),
  };
  await world.session({ epochs: 1 }).run();
  expect(kept).toEqual(sizes);
  // The page that is open has them all the same.
  expect(world.of('view').map(({ payload }) => (payload as ShownVideos).videos[0]!.media.size)).toEqual([4, 4, 4]);
});

it('keeps what its view drew before, on the way and after', async () => {
  const world = new FakeWorld();
  const views = new Map<Moment, unknown>();
  world.runs = {
    ...memoryRuns(),
    putView: (_runId, moment, payload) => Promise.resolve(void views.set(moment, payload)),
  };
  await world.session().run();
  expect([...views.keys()].sort()).toEqual(['after', 'before', 'now']);
  expect(views.get('after')).toEqual(world.of('view').at(-1)!.payload);
});
