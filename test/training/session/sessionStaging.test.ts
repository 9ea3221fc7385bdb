// Batches that are decoded while the GPU works: same curve, nothing staged for nothing, files that go bad in mid-run.
import { describe, expect, it } from 'vitest';
import { balancedOrder } from '../../../src/samples/balancedSampler';
import { FakeWorld, type Faults } from '../fakeTask';

async function ran(faults: Faults, settings = {}): Promise<FakeWorld> {
  const world = new FakeWorld();
  world.faults = faults;
  await world.session(settings).run();
  return world;
}

describe('staged batches', () => {
  it('leave the curve as it is, however long they take', async () => {
    const [quick, slow] = [await ran({}), await ran({ stageMilliseconds: 3 })];
    expect(slow.curve).toEqual(quick.curve);
    expect(slow.of('finished')[0]!.summary.after).toBe(quick.of('finished')[0]!.summary.after);
  });

  it.each([1, 3])('run one step ahead of the GPU, with %i batches a step', async (accumulation) => {
    const world = await ran({ waitMilliseconds: 2 }, { accumulation });
    expect(world.of('failed')).toEqual([]);
    expect(world.mostStaged).toBe(accumulation);
    expect(world.staged).toBe(0);
  });

  it('are read while the GPU is busy with the step before', async () => {
    const world = new FakeWorld();
    const read: number[] = [];
    // Slow steps: each is waited for before the next.
    world.faults = { stepMilliseconds: 1000, waitMilliseconds: 5, onLosses: () => read.push(world.filesRead) };
    await world.session({ epochs: 1 }).run();
    const validations = 2;
    expect(read).toEqual([2, 3, 4, 5, 5].map((batches) => validations + batches));
  });

  it.each<[string, Faults]>([
    ['a lost device', { loseDeviceAt: [4] }],
    ['a loss that is no number', { notFiniteAt: [5] }],
    ['a device lost in validation', { loseDeviceAtPrediction: [3] }],
  ])('are released after %s', async (_, faults) => {
    const world = await ran({ ...faults, stageMilliseconds: 1 });
    expect(world.of('finished')).toHaveLength(1);
    await expect.poll(() => world.staged).toBe(0);
  });

  it('are released when the person stops', async () => {
    const world = new FakeWorld();
    const session = world.session();
    world.faults = { stageMilliseconds: 1, onStep: (step) => step === 7 && void session.stop() };
    await session.run();
    expect(world.of('finished')[0]!.summary.reason).toBe('stopped');
    expect(world.staged).toBe(0);
  });

  it('are released when the person stops twice, in the midst of a validation', async () => {
    const world = new FakeWorld();
    const session = world.session();
    world.faults = { onPrediction: (count) => count === 1 && (void session.stop(), void session.stop()) };
    await session.run();
    await expect.poll(() => world.staged).toBe(0);
  });
});

describe('a file that goes bad in mid-run', () => {
  it.each([
    ['training', 9],
    ['validation', 1],
    ['validation, staged ahead', 2],
  ])('ends the run with the sentence that names it: %s', async (_, at) => {
    const world = await ran({ badFileAt: [at], waitMilliseconds: 1 });
    const [failed] = world.of('failed');
    expect(failed!.error).toMatchObject({ code: 'video-damaged' });
    expect(failed!.error.message).toContain('b.mp4');
    expect(world.of('finished')).toEqual([]);
    await expect.poll(() => world.staged).toBe(0);
  });

  it('leaves no other batch of its step behind', async () => {
    const world = await ran({ badFileAt: [4], stageMilliseconds: 1 }, { accumulation: 3 });
    expect(world.of('failed')).toHaveLength(1);
    await expect.poll(() => world.staged).toBe(0);
  });
});

describe('an order of the task’s own', () => {
  it('takes the place of shuffling, epoch by epoch', async () => {
    const labels = Array.from({ length: 22 }, (_, i) => (i < 4 ? 1 : 0));
    const trainOrder = (seed: number, epoch: number) => balancedOrder(labels, seed, epoch);
    const world = await ran({ trainOrder }, { epochs: 2 });
    const wanted = [1, 2].flatMap((epoch) => [...trainOrder(7, epoch).subarray(0, 20)]);
    expect(world.batches.flat()).toEqual(wanted);
  });

  it('takes as many clips as there are', async () => {
    const world = await ran({ trainOrder: () => Uint32Array.of(1, 2, 3) });
    expect(world.of('failed')[0]!.error.message).toContain('22 clips takes 3');
  });
});
