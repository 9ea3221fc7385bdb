// Where predictions are compiled late training goes ahead, and what is shown of before is of untrained weights all the same.
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/training/runtime';
import { FakeWorld } from '../fakeTask';

/** A world whose trainer predicts once `ready` is called. */
function late(): { world: FakeWorld; ready: () => void } {
  const world = new FakeWorld();
  let ready!: () => void;
  world.faults.predictsLater = new Promise((resolve) => (ready = resolve));
  return { world, ready };
}

const metricsBefore = (world: FakeWorld) => world.of('before').map(({ metrics }) => metrics);
const order = (world: FakeWorld) => world.events.map(({ type }) => type);

describe('before training', () => {
  it('is judged in the midst of an epoch as soon as it can be, and the curve stays the same', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const { world, ready } = late();
    world.faults.onStep = (step) => {
      if (step === 3) ready();
    };
    await world.session().run();
    expect(order(world).indexOf('steps')).toBeLessThan(order(world).indexOf('before'));
    expect(order(world).indexOf('before')).toBeLessThan(order(world).indexOf('epoch'));
    expect(metricsBefore(world)).toEqual(metricsBefore(plain));
    expect([...world.curve]).toEqual([...plain.curve]);
    expect(world.of('epoch').map(({ record }) => record.metrics)).toEqual(
      plain.of('epoch').map(({ record }) => record.metrics),
    );
    expect(world.of('view').map(({ moment }) => moment)).toEqual(['before', 'now', 'now', 'now', 'now', 'after']);
  });

  it('tells the first loss where the trainer can, without a time that nobody took and without a trace in the record', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const world = new FakeWorld();
    world.faults.foretold = 0.75;
    await world.session().run();
    expect(world.of('firstLoss').map(({ record }) => [record.step, record.loss, record.milliseconds])).toEqual([
      [1, 0.75, NaN],
    ]);
    expect(order(world).indexOf('firstLoss')).toBeLessThan(order(world).indexOf('steps'));
    expect([...world.curve]).toEqual([...plain.curve]);
  });

  it('is judged before the first epoch is, at the latest', async () => {
    const { world, ready } = late();
    world.faults.onStep = (step) => {
      if (step === 5) setTimeout(ready, 20);
    };
    await world.session().run();
    expect(order(world).filter((type) => type === 'before' || type === 'epoch')).toEqual([
      'before',
      ...Array<string>(4).fill('epoch'),
    ]);
  });

  it('is judged of a run that is stopped early, too', async () => {
    const { world, ready } = late();
    const session = world.session();
    world.faults.onStep = (step) => {
      if (step === 2) void session.stop();
      if (step === 2) setTimeout(ready, 20);
    };
    await session.run();
    const { summary } = world.of('finished')[0]!;
    expect(summary.reason).toBe('stopped');
    expect(summary.before).toBe(metricsBefore(world)[0]!['error']);
    expect(summary.after).toBeLessThan(summary.before);
  });

  it('gives way to a second Stop while kernels are still compiled', async () => {
    const { world } = late();
    const session = world.session();
    world.faults.onStep = (step) => {
      if (step !== 2) return;
      void session.stop();
      setTimeout(() => void session.stop(), 20);
    };
    await session.run();
    const { summary } = world.of('finished')[0]!;
    expect(summary.reason).toBe('stopped');
    expect(summary.before).toBeNaN();
  });

  it('is known of untrained weights also after the device was lost', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const { world, ready } = late();
    world.faults.loseDeviceAt = [4];
    world.faults.onStep = (step) => {
      if (step === 5) ready();
    };
    await world.session().run();
    expect(metricsBefore(world)).toEqual(metricsBefore(plain));
    expect([...world.curve]).toEqual([...plain.curve]);
  });
});

describe('the trainer of a demo', () => {
  const demo = (facts: Facts): { world: FakeWorld; made: () => string[] } => {
    const world = new FakeWorld();
    world.faults.facts = { classes: ['a'] };
    const [runtime, create] = [world.runtime(), world.createTrainer];
    const made: string[] = [];
    world.runtime = () => ({ ...runtime, demoFacts: facts });
    Object.assign(world, {
      createTrainer: (order: Parameters<typeof create>[0]) => {
        made.push(`${JSON.stringify(order.facts)} ${world.of('data').length === 0 ? 'ahead of' : 'with'} the data`);
        return create(order);
      },
    });
    return { world, made: () => made };
  };

  it('is made while its data is read, and once', async () => {
    const plain = new FakeWorld();
    await plain.session().run();
    const { world, made } = demo({ classes: ['a'] });
    await world.session().run();
    expect(made()).toEqual(['{"classes":["a"]} ahead of the data']);
    expect(world.states).toEqual(plain.states);
    expect([...world.curve]).toEqual([...plain.curve]);
    expect(world.trainers.every(({ disposed }) => disposed)).toBe(true);
  });

  it('is made anew where the data says otherwise', async () => {
    const { world, made } = demo({ classes: ['b'] });
    await world.session().run();
    expect(made()).toEqual(['{"classes":["b"]} ahead of the data', '{"classes":["a"]} with the data']);
    expect(world.states.at(-1)).toBe('finished');
    expect(world.trainers.every(({ disposed }) => disposed)).toBe(true);
  });

  it('is let go where the data cannot be read', async () => {
    const { world } = demo({ classes: ['a'] });
    world.faults.trainClips = 0;
    await world.session().run();
    expect(world.of('failed')[0]!.error.code).toBe('no-train-clips');
    await expect.poll(() => world.trainers.every(({ disposed }) => disposed)).toBe(true);
  });
});
