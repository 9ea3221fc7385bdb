// The training loop from start to end: order of events, records, best and last, early stop, time limit.
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/training/checkpoints/checkpoint';
import { exportWeights } from '../../../src/training/weights/exportWeights';
import { readSafetensors, writeSafetensors } from '../../../src/formats/safetensors';
import type { NamedTensors } from '../../../src/training/runtime';
import { FakeWorld } from '../fakeTask';
import { keepingFrames, keptFrames } from '../keepingFrames';

it('fills the last validation batch by repeating its last clip, and judges each clip once', async () => {
  const world = new FakeWorld();
  await world.session({ epochs: 1, batch: 4 }).run();
  expect(world.validationBatches.slice(0, 2)).toEqual([
    [0, 1, 2, 3],
    [4, 5, 5, 5],
  ]);
  expect(world.of('view')[0]!.payload).toHaveLength(6);
});

describe('a whole run', () => {
  it('says what happens in the order of the protocol', async () => {
    const world = new FakeWorld();
    await world.session().run();
    const seen = world.events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(seen.slice(0, 11)).toEqual([
      'state',
      'prepare',
      'data',
      'state',
      'compile',
      'plan',
      'baseline',
      'checkpoint',
      'state',
      'view',
      'before',
    ]);
    expect(world.states).toEqual([
      'preparing',
      'compiling',
      ...['evaluating', 'running', 'evaluating', 'running', 'evaluating', 'running', 'evaluating', 'running'],
      'evaluating',
      'finished',
    ]);
    expect(world.of('view').map(({ moment }) => moment)).toEqual(['before', 'now', 'now', 'now', 'now', 'after']);
  });

  it('adds up batches, and makes a step of what is left at the end of an epoch', async () => {
    const [plain, adding] = [new FakeWorld(), new FakeWorld()];
    await plain.session().run();
    await adding.session({ accumulation: 3 }).run();
    // Five batches an epoch: three, then two.
    expect(adding.of('epoch').map(({ record }) => record.step)).toEqual([2, 4, 6, 8]);
    expect(adding.batches).toEqual(plain.batches);
    expect(adding.of('plan')[0]).toMatchObject({ steps: 8, stepsPerEpoch: 2 });
    await expect(new FakeWorld().session({ accumulation: 0 }).run()).resolves.toBeUndefined();
  });

  it('has frames decoded in advance, and says what became of them', async () => {
    const world = new FakeWorld();
    const { runtime, calls } = keepingFrames(world);
    world.runtime = () => runtime;
    await world.session({ epochs: 1 }).run();
    expect(calls()).toBe(1);
    expect(world.of('frames')).toEqual([{ type: 'frames', report: keptFrames }]);
  });

  it('keeps in its record how its texts were read', async () => {
    const world = new FakeWorld();
    world.source = { kind: 'files', name: 'walks', files: [], repairText: true };
    await world.session({ epochs: 1 }).run();
    expect(await world.runs.getRun('run-1')).toMatchObject({ dataName: 'walks', dataKind: 'files', repairText: true });
  });

  it('learns, and sums up', async () => {
    const world = new FakeWorld();
    await world.session().run();
    const [finished] = world.of('finished');
    const summary = finished!.summary;
    expect(summary).toMatchObject({ reason: 'all-epochs', metricName: 'error', steps: 20, baselines: { mean: 2.5 } });
    expect(summary.after).toBeLessThan(0.6 * summary.before);
    expect(summary.metricsAfter.error).toBe(summary.after);
    expect(summary.tables).toHaveProperty('clip.first');
    expect(summary.stepMilliseconds).toBe(10);
    // 20 steps of 10 ms and four validations of two batches, 5 ms each.
    expect(summary.seconds).toBeCloseTo(0.24, 6);
    const epochs = world.of('epoch').map(({ record }) => record);
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 5],
      [2, 10],
      [3, 15],
      [4, 20],
    ]);
    const bestEpoch = epochs.filter(({ best }) => best).at(-1)!;
    expect(summary.best).toEqual({ epoch: bestEpoch.epoch, value: bestEpoch.metrics.error });
    const losses = [...world.curve.values()];
    expect(epochs[0]!.trainLoss).toBeCloseTo(losses.slice(0, 5).reduce((a, b) => a + b) / 5, 12);
    expect(world.trainers.every(({ disposed }) => disposed)).toBe(true);
  });

  it('keeps a record that equals what the page saw', async () => {
    const world = new FakeWorld();
    await world.session().run();
    const record = (await world.runs.getRun('run-1'))!;
    expect(record).toMatchObject({ state: 'finished', step: 20, dataKind: 'demo', baselines: { mean: 2.5 } });
    expect(record.steps.map(({ step, loss }) => [step, loss])).toEqual([...world.curve]);
    expect(record.epochs).toEqual(world.of('epoch').map((event) => event.record));
    expect(record.summary).toEqual(world.of('finished')[0]!.summary);
    expect(record.bytes).toBeGreaterThan(0);
  });

  it('takes every clip at most once an epoch, and decays the learning rate', async () => {
    const world = new FakeWorld();
    await world.session().run();
    const first = world.batches.slice(0, 5).flat();
    expect(new Set(first).size).toBe(20);
    const rates = world.of('steps').flatMap(({ records }) => records.map(({ learningRate }) => learningRate));
    expect(rates.slice(0, 15).every((rate) => rate === 0.05)).toBe(true);
    expect(rates[15]).toBeCloseTo(0.045, 12);
  });

  it('never runs far ahead, nor sends more than ten events of steps a second', async () => {
    const world = new FakeWorld();
    await world.session({ epochs: 100 }).run();
    expect(world.mostInFlight).toBeGreaterThan(1);
    expect(world.mostInFlight).toBeLessThanOrEqual(16);
    // Each epoch flushes its steps; between them ten a second.
    expect(world.of('steps').length).toBeLessThanOrEqual(100 + world.time / 100);
  });

  it('waits for each step where steps are slow', async () => {
    const world = new FakeWorld();
    world.faults.stepMilliseconds = 80;
    await world.session().run();
    expect(world.mostInFlight).toBe(1);
  });

  it('repeats clips where there are fewer than one batch', async () => {
    const world = new FakeWorld();
    world.faults.trainClips = 3;
    await world.session({ epochs: 2 }).run();
    expect(world.batches.map((batch) => new Set(batch).size)).toEqual([3, 3]);
    expect(world.of('finished')[0]!.summary.steps).toBe(2);
  });

  it('estimates the time that is left', async () => {
    const world = new FakeWorld();
    await world.session({ epochs: 20 }).run();
    const took = world.time / 1000;
    let done = 0;
    for (const { records, secondsLeft } of world.of('steps')) {
      done += records.length;
      const left = took * (1 - done / 100);
      expect(Math.abs(secondsLeft - left)).toBeLessThan(0.15 * took);
    }
    expect(world.of('steps').at(-1)!.secondsLeft).toBeLessThan(0.1);
  });
});

describe('checkpoints', () => {
  it('keeps the best, and the newest three', async () => {
    const world = new FakeWorld();
    world.faults.metrics = [9, 5, 6, 7, 8, 9, 10];
    await world.session({ epochs: 6, checkpointEvery: 5 }).run();
    const kept = (await world.checkpoints.list('run-1')).map(({ step }) => step);
    expect(kept).toContain(5);
    expect(kept).toHaveLength(4);
    expect(kept[0]).toBe(30);
    const { state } = await openCheckpoint(await world.checkpoints.open('run-1', 30), 30);
    expect(state.best).toEqual({ epoch: 1, step: 5, value: 5 });
  });

  it('exports best and last weights without optimiser state', async () => {
    const world = new FakeWorld();
    world.faults.metrics = [9, 5, 6, 7, 8];
    await world.session().run();
    const exported = async (which: 'best' | 'last') =>
      readSafetensors(
        await (
          await exportWeights(world.checkpoints, 'run-1', {
            which,
            format: 'safetensors',
            weights: 'raw',
            metricName: 'error',
          })
        ).arrayBuffer(),
      );
    const [best, last] = [await exported('best'), await exported('last')];
    expect([...best.tensors.keys()]).toEqual(['line.weight', 'line.bias']);
    expect(best.metadata).toMatchObject({ task: 'lines', step: '5' });
    expect(last.metadata).toMatchObject({ step: '20' });
    expect(best.tensors.get('line.weight')!.data).not.toEqual(last.tensors.get('line.weight')!.data);
    await expect(
      exportWeights(world.checkpoints, 'none', { which: 'last', format: 'pth', weights: 'raw', metricName: 'error' }),
    ).rejects.toMatchObject({
      code: 'no-checkpoint',
    });
  });
});

describe('published weights', () => {
  const file = (tensors: NamedTensors) => [{ path: 'w.safetensors', blob: new Blob([writeSafetensors(tensors)]) }];

  it('start a new run and are reported, but not one that goes on', async () => {
    const plain = new FakeWorld();
    await plain.session({ epochs: 1 }).run();
    const blob = await exportWeights(plain.checkpoints, 'run-1', {
      which: 'last',
      format: 'pth',
      weights: 'raw',
      metricName: 'error',
    });
    const world = new FakeWorld();
    world.weights = [{ path: 'line.pth', blob }];
    await world.session({ epochs: 1 }).run();
    expect(world.of('weights')[0]!.report).toMatchObject({
      format: 'pytorch',
      matched: ['line.weight', 'line.bias'],
      initial: [],
    });
    expect(world.trainers[0]!.resets).toBe(1);
    const before = (one: FakeWorld) => one.of('before')[0]!.metrics['error'];
    expect(before(world)).toBe(plain.of('epoch')[0]!.record.metrics['error']);
    await world.session({ epochs: 2 }, true).run();
    expect(world.of('weights')).toHaveLength(1);
    expect((await world.runs.getRun('run-1'))!.weights?.path).toBe('line.pth');
    expect(world.states.at(-1)).toBe('finished');
  });

  it('of another model end the run before its first step', async () => {
    const world = new FakeWorld();
    world.weights = file(new Map([['conv.weight', { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]));
    await world.session().run();
    expect(world.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'weights-other-model' });
    expect(world.of('steps')).toEqual([]);
  });
});

describe('ends', () => {
  it('stops early after validations without improvement', async () => {
    const world = new FakeWorld();
    world.faults.metrics = [9, 5, 4, 4.5, 3.95, 8, 8];
    await world.session({ epochs: 6, earlyStopPatience: 2, earlyStopMinDelta: 0.1 }).run();
    const { summary } = world.of('finished')[0]!;
    expect(summary).toMatchObject({ reason: 'early-stop', steps: 20, best: { epoch: 4, value: 3.95 } });
  });

  it('validates every n epochs and at the end', async () => {
    const world = new FakeWorld();
    await world.session({ epochs: 5, validateEvery: 2 }).run();
    const validated = world.of('epoch').map(({ record }) => Object.keys(record.metrics).length > 0);
    expect(validated).toEqual([false, true, false, true, true]);
  });

  it('keeps to the time limit and still validates', async () => {
    const world = new FakeWorld();
    await world.session({ epochs: 100, timeLimitSeconds: 0.2 }).run();
    const { summary } = world.of('finished')[0]!;
    expect(summary.reason).toBe('time-limit');
    expect(summary.seconds).toBeLessThan(0.3);
    expect(summary.after).toBeLessThan(summary.before);
    for (const { secondsLeft } of world.of('steps')) expect(secondsLeft).toBeLessThan(0.25);
  });

  it('ignores metrics that are not numbers', async () => {
    const world = new FakeWorld();
    world.faults.metrics = [9, NaN, 4, NaN, NaN];
    await world.session().run();
    expect(world.of('finished')[0]!.summary.best).toEqual({ epoch: 2, value: 4 });
  });

  it('refuses data without clips, and settings that cannot be', async () => {
    const empty = new FakeWorld();
    empty.faults.trainClips = 0;
    await empty.session().run();
    expect(empty.of('failed')[0]!.error).toMatchObject({ kind: 'user', code: 'no-train-clips' });
    const wrong = new FakeWorld();
    await wrong.session({ epochs: 1.5 }).run();
    expect(wrong.of('failed')[0]!.error).toMatchObject({ code: 'setting-invalid', detail: { key: 'epochs' } });
    expect(wrong.states.at(-1)).toBe('failed');
  });
});
