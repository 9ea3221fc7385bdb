// Frames are kept while a run trains: nobody waits for them as a whole, and nothing of them is lost at its end.
import { expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import type { PreparedData } from '../../../src/training/runtime';
import { FakeWorld } from '../fakeTask';
import { keepingFrames, keptFrames } from '../keepingFrames';

function worldThat(keep?: PreparedData['keepFrames']): { world: FakeWorld; calls: () => number } {
  const world = new FakeWorld();
  const { runtime, calls } = keepingFrames(world, keep);
  world.runtime = () => runtime;
  return { world, calls };
}

const endsOnly = (_: unknown, until: AbortSignal) =>
  new Promise<typeof keptFrames>((resolve) => until.addEventListener('abort', () => resolve(keptFrames)));

it('trains meanwhile, and ends what is not done with the run, whose record tells what was kept', async () => {
  const { world, calls } = worldThat(endsOnly);
  await world.session({ epochs: 1 }).run();
  expect(calls()).toBe(1);
  const order = world.events.map(({ type }) => type);
  expect(order.indexOf('frames')).toBeGreaterThan(order.lastIndexOf('steps'));
  expect(order.indexOf('frames')).toBeLessThan(order.indexOf('finished'));
  expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'finished', frames: keptFrames.files });
});

it('tells how far it is', async () => {
  const { world } = worldThat((tell) => {
    tell(1, 30);
    return Promise.resolve(keptFrames);
  });
  await world.session({ epochs: 1 }).run();
  expect(world.of('prepare')).toContainEqual({ type: 'prepare', what: 'frames', done: 1, total: 30 });
});

it('goes on after a lost device', async () => {
  const { world, calls } = worldThat();
  world.faults.loseDeviceAt = [2];
  await world.session({ epochs: 1 }).run();
  expect(calls()).toBe(2);
  expect(world.states.at(-1)).toBe('finished');
});

it('costs a run no more than time when it fails', async () => {
  const { world } = worldThat(() => Promise.reject(new UserError('storage-full', 'The disk is full.')));
  await world.session({ epochs: 1 }).run();
  expect(world.of('notice')).toMatchObject([{ code: 'frames-not-kept', detail: { reason: 'The disk is full.' } }]);
  expect(world.states.at(-1)).toBe('finished');
});

it('ends at the next frame where the person stops before the first step', async () => {
  const refused: string[] = [];
  const { world } = worldThat(async (tell) => {
    void session.stop();
    await Promise.resolve();
    try {
      tell(1, 30);
    } catch (error) {
      refused.push((error as UserError).code);
      throw error;
    }
    return keptFrames;
  });
  const session = world.session({ epochs: 1 });
  await session.run();
  expect(refused).toEqual(['stopped-before-training']);
  expect(world.of('failed')).toMatchObject([{ error: { code: 'stopped-before-training' } }]);
  expect(world.of('notice')).toEqual([]);
});
