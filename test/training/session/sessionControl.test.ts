// Pause, single steps, stop and changed settings: each answers within one step, and nothing is lost.
import { number } from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Session, SessionTask } from '../../../src/training/session/session';
import { fakeTask, FakeWorld } from '../fakeTask';

/** Runs a session and calls `act` when step `step` is submitted. */
async function runWith(world: FakeWorld, session: Session, at: number, act: () => Promise<void>): Promise<void> {
  let acted: Promise<void> | undefined;
  world.faults.onStep = (step) => {
    if (step === at) acted ??= act();
  };
  await session.run();
  await acted;
}

const stepsSeen = (world: FakeWorld): number => Math.max(0, ...world.curve.keys());

describe('pause', () => {
  it('stands after the steps in flight, with a checkpoint, and goes on as if nothing had been', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const world = new FakeWorld();
    const session = world.session({ checkpointEvery: 0 });
    await runWith(world, session, 7, async () => {
      await session.pause();
      expect(stepsSeen(world)).toBeLessThanOrEqual(9);
      expect(world.states.slice(-2)).toEqual(['pausing', 'paused']);
      const [newest] = await world.checkpoints.list('run-1');
      expect(newest!.step).toBe(stepsSeen(world));
      expect((await world.runs.getRun('run-1'))!.state).toBe('paused');
      await session.pause();
      session.unpause();
    });
    expect([...world.curve]).toEqual([...plain.curve]);
    expect(world.of('epoch').map(({ record }) => record.trainLoss)).toEqual(
      plain.of('epoch').map(({ record }) => record.trainLoss),
    );
  });

  it('does not count as training time', async () => {
    const world = new FakeWorld();
    const session = world.session();
    await runWith(world, session, 7, async () => {
      await session.pause();
      world.time += 60_000;
      session.unpause();
    });
    expect(world.of('finished')[0]!.summary.seconds).toBeLessThan(1);
    expect(
      world
        .of('steps')
        .flatMap(({ records }) => records.map((r) => r.milliseconds))
        .every((ms) => ms < 50),
    ).toBe(true);
  });

  it('goes through one step at a time', async () => {
    const world = new FakeWorld();
    const session = world.session();
    await runWith(world, session, 3, async () => {
      await session.pause();
      const before = stepsSeen(world);
      await session.step();
      expect(stepsSeen(world)).toBe(before + 1);
      await session.step();
      await session.step();
      expect(stepsSeen(world)).toBe(before + 3);
      expect(world.states.at(-1)).toBe('paused');
      session.unpause();
    });
    expect(stepsSeen(world)).toBe(20);
  });

  it('waits between the batches of a validation too', async () => {
    const world = new FakeWorld();
    const session = world.session();
    let acted: Promise<void> | undefined;
    world.faults.onPrediction = (count) => {
      if (count !== 3) return;
      acted = session.pause().then(() => {
        expect(world.predictions).toBe(3);
        expect(world.states.slice(-3)).toEqual(['evaluating', 'pausing', 'paused']);
        session.unpause();
      });
    };
    await session.run();
    await acted;
    expect(world.of('finished')).toHaveLength(1);
  });

  it('answers at once while the run is being prepared, and then stands before the first step', async () => {
    const world = new FakeWorld();
    const session = world.session();
    const running = session.run();
    await session.pause();
    while (world.states.at(-1) !== 'paused') await new Promise((resolve) => setTimeout(resolve, 1));
    expect(stepsSeen(world)).toBe(0);
    session.unpause();
    await running;
    expect(stepsSeen(world)).toBe(20);
  });
});

describe('stop', () => {
  it('ends within a step, validates, and keeps everything', async () => {
    const world = new FakeWorld();
    const session = world.session({ checkpointEvery: 0 });
    await runWith(world, session, 7, () => session.stop());
    const { summary } = world.of('finished')[0]!;
    expect(summary.reason).toBe('stopped');
    expect(summary.steps).toBeLessThanOrEqual(9);
    expect(summary.after).toBe(world.of('epoch').at(-1)!.record.metrics.error);
    expect((await world.checkpoints.list('run-1'))[0]!.step).toBe(summary.steps);
    expect(world.states.slice(-2)).toEqual(['stopping', 'finished']);
  });

  it('cuts a validation short', async () => {
    const world = new FakeWorld();
    const session = world.session();
    let acted: Promise<void> | undefined;
    world.faults.onPrediction = (count) => {
      if (count === 3) acted = session.stop();
    };
    await session.run();
    await acted;
    expect(world.predictions).toBe(3);
    const { summary } = world.of('finished')[0]!;
    expect(summary).toMatchObject({ reason: 'stopped', steps: 5, after: NaN });
  });

  it('works on a paused run, and before the first step', async () => {
    const world = new FakeWorld();
    const session = world.session();
    await runWith(world, session, 7, async () => {
      await session.pause();
      await session.stop();
    });
    expect(world.of('finished')[0]!.summary.reason).toBe('stopped');
    const early = new FakeWorld();
    const other = early.session();
    const running = other.run();
    await other.stop();
    await running;
    expect(early.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'stopped-before-training' });
  });

  it('a stopped run goes on where it was', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const world = new FakeWorld();
    const session = world.session();
    await runWith(world, session, 7, () => session.stop());
    world.faults = {};
    await world.session({}, true).run();
    expect([...world.curve]).toEqual([...plain.curve]);
    expect((await world.runs.getRun('run-1'))!.epochs.map(({ metrics }) => metrics)).toEqual(
      plain.of('epoch').map(({ record }) => record.metrics),
    );
  });
});

describe('settings in mid-run', () => {
  const task: SessionTask = {
    ...fakeTask,
    settings: [
      {
        ...{ key: 'learningRate', schema: number(), default: 0.05, kind: 'number', primary: true, midRun: true },
        group: 'training',
      },
      { key: 'batch', schema: number(), default: 4, kind: 'integer', primary: true, midRun: false, group: 'training' },
    ],
  };

  it('take effect from the next step', async () => {
    const world = new FakeWorld();
    const session = world.session({}, false, task);
    await runWith(world, session, 7, async () => {
      await session.pause();
      session.set('learningRate', 0.001);
      session.set('epochs', 2);
      session.unpause();
    });
    const rates = new Map(world.of('steps').flatMap(({ records }) => records.map((r) => [r.step, r.learningRate])));
    expect(rates.get(7)).toBe(0.05);
    expect(rates.get(10)).toBe(0.001);
    expect(rates.size).toBe(10);
    expect(world.of('plan').at(-1)!.steps).toBe(10);
    expect((await world.runs.getRun('run-1'))!.settings).toMatchObject({ learningRate: 0.001, epochs: 2 });
  });

  it('are refused where they cannot change or be', async () => {
    const world = new FakeWorld();
    const session = world.session({}, false, task);
    await runWith(world, session, 7, async () => {
      await session.pause();
      expect(() => session.set('batch', 8)).toThrow(expect.objectContaining({ code: 'setting-fixed' }));
      expect(() => session.set('nonsense', 8)).toThrow(expect.objectContaining({ code: 'setting-fixed' }));
      expect(() => session.set('learningRate', 'fast')).toThrow(expect.objectContaining({ code: 'setting-invalid' }));
      expect(() => session.set('epochs', 0)).toThrow(expect.objectContaining({ code: 'setting-invalid' }));
      session.unpause();
    });
    expect(stepsSeen(world)).toBe(20);
  });
});
