// A run goes on after crashes, lost devices, losses that are no numbers, broken files and full disks.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import { memoryCheckpoints } from '../../../src/runs/memoryStores';
import { openCheckpoint } from '../../../src/training/checkpoints/checkpoint';
import type { NamedTensor } from '../../../src/training/runtime';
import { inPieces } from '../../helpers/inPieces';
import { FakeWorld } from '../fakeTask';

async function uninterrupted(): Promise<FakeWorld> {
  const world = new FakeWorld();
  await world.session().run();
  return world;
}

const losses = (world: FakeWorld): [number, number][] => [...world.curve].sort(([a], [b]) => a - b);

/** Stops a world dead when `step` is submitted, as a closed tab does: nothing is stored from then on. */
async function crashAt(step: number): Promise<FakeWorld> {
  const next = new FakeWorld();
  const { checkpoints, runs } = next;
  const world = new FakeWorld();
  let dead = false;
  world.checkpoints = {
    ...checkpoints,
    write: (...file) => (dead ? Promise.resolve() : checkpoints.write(...file)),
    remove: (...file) => (dead ? Promise.resolve() : checkpoints.remove(...file)),
  };
  world.runs = { ...runs, putRun: (record) => (dead ? Promise.resolve() : runs.putRun(record)) };
  world.faults.onStep = (at) => {
    if (at !== step) return;
    dead = true;
    throw new Error('the tab was closed');
  };
  await world.session().run();
  return next;
}

describe('resume', () => {
  it.each([2, 4, 6, 9, 10, 11, 18, 20])('after a crash at step %i continues the very same curve', async (step) => {
    const plain = await uninterrupted();
    const world = await crashAt(step);
    await world.session({}, true).run();
    expect(world.of('failed')).toEqual([]);
    const record = (await world.runs.getRun('run-1'))!;
    expect(record.steps.map((s) => [s.step, s.loss])).toEqual(losses(plain));
    expect(record.epochs.map(({ epoch, trainLoss, metrics, best }) => ({ epoch, trainLoss, metrics, best }))).toEqual(
      plain.of('epoch').map(({ record: { epoch, trainLoss, metrics, best } }) => ({ epoch, trainLoss, metrics, best })),
    );
    const [before, after] = [plain, world].map((w) => w.of('finished')[0]!.summary);
    expect(after).toMatchObject({ before: before!.before, after: before!.after, best: before!.best, steps: 20 });
  });

  it('continues a finished run for more epochs', async () => {
    const long = new FakeWorld();
    await long.session({ epochs: 6 }).run();
    const world = await uninterrupted();
    world.events = [];
    await world.session({ epochs: 6 }, true).run();
    expect((await world.runs.getRun('run-1'))!.steps.map((s) => s.loss)).toEqual([...long.curve.values()]);
    expect(world.of('baseline')).toHaveLength(1);
  });

  it('keeps the settings of the run, and says so', async () => {
    const world = await crashAt(9);
    await world.session({ seed: 99, batch: 4 }, true).run();
    expect(world.of('notice').map(({ code, detail }) => [code, detail])).toEqual([['settings-kept', { keys: 'seed' }]]);
    expect(losses(world).at(-1)).toEqual(losses(await uninterrupted()).at(-1));
  });

  it('says when there is nothing to continue, or other data, and leaves the record as it was', async () => {
    const none = new FakeWorld();
    await none.session({}, true).run();
    expect(none.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'no-checkpoint' });
    const other = await crashAt(9);
    const before = await other.runs.getRun('run-1');
    other.faults.trainClips = 50;
    await other.session({}, true).run();
    expect(other.of('failed')[0]!.error).toMatchObject({ code: 'other-data', detail: { was: 22, now: 50 } });
    expect(await other.runs.getRun('run-1')).toEqual(before);
    other.faults.trainClips = 22;
    other.faults.facts = { classes: ['jump'] };
    await other.session({}, true).run();
    expect(other.of('failed')[1]!.error).toMatchObject({ code: 'other-data', detail: { what: 'classes' } });
  });

  it('takes an older checkpoint where the newest is broken', async () => {
    const plain = await uninterrupted();
    const world = await crashAt(11);
    const [newest] = await world.checkpoints.list('run-1');
    const whole = new Uint8Array(await (await world.checkpoints.open('run-1', newest!.step)).arrayBuffer());
    await world.checkpoints.write('run-1', newest!.step, inPieces(whole.slice(0, whole.length - 8)));
    await world.session({}, true).run();
    expect(world.of('notice')[0]).toMatchObject({ code: 'checkpoint-broken', detail: { step: newest!.step } });
    const record = (await world.runs.getRun('run-1'))!;
    expect(record.steps.map((s) => [s.step, s.loss])).toEqual(losses(plain));
  });
});

describe('a lost device', () => {
  it.each([1, 3, 8, 10, 20])('at step %i is replaced, and the curve stays the same', async (step) => {
    const plain = await uninterrupted();
    const world = new FakeWorld();
    world.faults.loseDeviceAt = [step];
    await world.session().run();
    expect(world.of('notice').map(({ code }) => code)).toEqual(['device-lost']);
    expect(world.devices).toHaveLength(2);
    expect(world.trainers[0]!.disposed).toBe(true);
    expect(losses(world)).toEqual(losses(plain));
    expect((await world.runs.getRun('run-1'))!.steps).toHaveLength(20);
    expect(world.of('finished')[0]!.summary.after).toBe(plain.of('finished')[0]!.summary.after);
  });

  it.each([1, 3, 9, 10])('in prediction %i does not end the run', async (count) => {
    const plain = await uninterrupted();
    const world = new FakeWorld();
    world.faults.loseDeviceAtPrediction = [count];
    await world.session().run();
    expect(losses(world)).toEqual(losses(plain));
    expect((await world.runs.getRun('run-1'))!.epochs).toHaveLength(4);
    expect(world.of('finished')[0]!.summary.best).toEqual(plain.of('finished')[0]!.summary.best);
  });

  it('three times in ten minutes ends the run with a proposal', async () => {
    const world = new FakeWorld();
    world.faults.loseDeviceAt = [3, 8, 12];
    await world.session().run();
    expect(world.of('failed')[0]!.error).toMatchObject({ kind: 'device-lost', code: 'device-lost-often' });
    const [newest] = await world.checkpoints.list('run-1');
    expect(newest!.step).toBeGreaterThanOrEqual(8);
  });

  it('now and then is no reason to give up', async () => {
    const world = new FakeWorld();
    world.faults.loseDeviceAt = [3, 8, 12];
    world.faults.stepMilliseconds = 120_000;
    await world.session().run();
    expect(world.of('finished')[0]!.summary.steps).toBe(20);
  });

  it('explains an error that came just before the loss was reported', async () => {
    const world = new FakeWorld();
    let thrown = false;
    world.faults.onStep = (step) => {
      if (step !== 8 || thrown) return;
      thrown = true;
      world.devices[0]!.lose();
      throw new TypeError('buffer is destroyed');
    };
    await world.session().run();
    expect(world.of('notice').map(({ code }) => code)).toEqual(['device-lost']);
    expect(world.of('finished')).toHaveLength(1);
  });
});

describe('errors of the GPU', () => {
  const reported = async (name: string): Promise<FakeWorld> => {
    const world = new FakeWorld();
    const errorClass = { [name]: class extends Error {} }[name]!;
    world.faults.onStep = (step) => {
      const event = Object.assign(new Event('uncapturederror'), { error: new errorClass('too much') });
      if (step === 6) world.devices[0]!.dispatchEvent(event);
    };
    await world.session().run();
    return world;
  };

  it('no memory is the person’s to mend, anything else is ours', async () => {
    const memory = await reported('GPUOutOfMemoryError');
    expect(memory.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'out-of-memory' });
    const validation = await reported('GPUValidationError');
    expect(validation.of('failed')[0]!.error).toMatchObject({ kind: 'bug' });
    expect(validation.of('failed')[0]!.error.stack).toContain('caused by');
  });
});

describe('a loss that is no number', () => {
  it('takes the run back to its last good checkpoint with half the learning rate', async () => {
    const world = new FakeWorld();
    world.faults.notFiniteAt = [9];
    await world.session().run();
    const notice = world.of('notice')[0]!;
    expect(notice).toMatchObject({
      code: 'restored-not-finite',
      detail: { step: 9, factor: 0.5, learningRate: 0.025 },
    });
    const record = (await world.runs.getRun('run-1'))!;
    expect(record.steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(record.steps.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(record.steps[8]!.learningRate).toBe(0.025);
    // What the person set stays as it was set; the factor is kept with the run.
    expect(record.settings.learningRate).toBe(0.05);
    const [newest] = await world.checkpoints.list('run-1');
    const kept = await openCheckpoint(await world.checkpoints.open('run-1', newest!.step), newest!.step);
    expect(kept.state.rateFactor).toBe(0.5);
    const plain = await uninterrupted();
    const back = Number(notice.detail.backTo);
    expect(losses(world).slice(0, back)).toEqual(losses(plain).slice(0, back));
  });

  it('works before the first epoch ends, and more than once', async () => {
    const world = new FakeWorld();
    world.faults.notFiniteAt = [1, 2, 18];
    await world.session().run();
    expect(world.of('notice')).toHaveLength(3);
    const [last] = (await world.runs.getRun('run-1'))!.steps.slice(-1);
    expect(last!.learningRate).toBeCloseTo((0.05 * 0.9) / 8, 9);
    expect(world.of('finished')[0]!.summary.steps).toBe(20);
  });

  it('in the weights alone keeps them out of every checkpoint', async () => {
    const world = new FakeWorld();
    const broken: NamedTensor = { dtype: 'F32', shape: [1], data: Float32Array.of(NaN) };
    // The first prediction of the second epoch's validation.
    world.faults.onPrediction = (count) => {
      if (count === 5) void world.trainers[0]!.writeWeight('line.bias', broken);
    };
    await world.session({ checkpointEvery: 5 }).run();
    expect(world.of('notice')[0]).toMatchObject({ code: 'restored-not-finite', detail: { step: 10, backTo: 5 } });
    expect(world.of('finished')[0]!.summary.steps).toBe(20);
    for (const { step } of await world.checkpoints.list('run-1'))
      for (const { read } of (await openCheckpoint(await world.checkpoints.open('run-1', step), step)).weights)
        expect(Array.from(await read(0, 1), Number).every(Number.isFinite)).toBe(true);
  });

  it('ends the run when nothing helps', async () => {
    const world = new FakeWorld();
    world.faults.notFiniteAt = [9, 9, 9, 9, 9, 9, 9];
    await world.session().run();
    expect(world.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'loss-not-finite', detail: { step: 9 } });
  });
});

describe('a full disk', () => {
  it('does not end the run; a lost device is made good from memory', async () => {
    const plain = await uninterrupted();
    const world = new FakeWorld();
    const store = memoryCheckpoints();
    const full = new UserError('storage-full', 'No room.');
    world.checkpoints = { ...store, write: () => Promise.reject(full) };
    world.faults.loseDeviceAt = [12];
    await world.session().run();
    expect(world.of('notice').map(({ code }) => code)).toEqual(['storage-full', 'device-lost', 'storage-full']);
    expect(world.of('checkpoint').every(({ held }) => held)).toBe(true);
    expect(losses(world)).toEqual(losses(plain));
  });

  it('makes room by dropping older checkpoints, never the best', async () => {
    const world = new FakeWorld();
    const store = memoryCheckpoints();
    world.faults.metrics = [9, 1, 2, 3, 4];
    world.checkpoints = {
      ...store,
      write: async (runId, step, content) => {
        if ((await store.list(runId)).length >= 3) throw new UserError('storage-full', 'No room.');
        await store.write(runId, step, content);
      },
    };
    await world.session({ checkpointEvery: 2 }).run();
    expect(world.of('notice')).toEqual([]);
    const kept = (await world.checkpoints.list('run-1')).map(({ step }) => step);
    expect(kept[0]).toBe(20);
    expect(kept).toContain(5);
  });

  it('is no worse than a browser that keeps nothing at all', async () => {
    const plain = await uninterrupted();
    const world = new FakeWorld();
    const refuse = (): Promise<never> => Promise.reject(new UserError('storage-unavailable', 'Nothing is kept.'));
    world.checkpoints = { write: refuse, list: refuse, open: refuse, remove: refuse, removeRun: refuse };
    world.runs = { getRun: refuse, putRun: refuse, putView: refuse };
    world.faults.loseDeviceAt = [12];
    await world.session().run();
    expect(losses(world)).toEqual(losses(plain));
    expect(world.of('finished')).toHaveLength(1);
  });

  it('a record that cannot be saved is told once', async () => {
    const world = new FakeWorld();
    const refusal = new UserError('storage-unavailable', 'Nothing is kept.');
    world.runs = {
      getRun: () => Promise.resolve(undefined),
      putRun: () => Promise.reject(refusal),
      putView: () => Promise.reject(refusal),
    };
    await world.session().run();
    expect(world.of('notice').map(({ code }) => code)).toEqual(['storage-unavailable']);
    expect(world.of('finished')).toHaveLength(1);
  });
});
