// What a run knows of its adapter's kernels: winners that are shipped, unless they are switched off.
import { expect, it } from 'vitest';
import { shippedTables, shippedWinners } from '../../src/engine/device/shippedTuning';
import type { Tuning } from '../../src/engine/device/tuning';
import { TrainService } from '../../src/training/trainService';
import { sampleAdapter } from '../runs/sampleRecord';
import { fakeSettings, fakeTask, FakeWorld } from './fakeTask';

const { adapter } = shippedTables.get('lavapipe')!;
const report = { ...sampleAdapter, ...adapter, software: true };

/** Winners that the run's trainer was given. */
async function winnersOf(wish: { tuning?: 'on' | 'off' }, kept = new Map<string, string>()) {
  const world = new FakeWorld();
  let given: Tuning | undefined;
  const service = new TrainService({
    tasks: [{ ...fakeTask, presets: [], defaultPreset: '', accepts: [], metrics: [] }],
    loadRuntime: () => Promise.resolve(world.runtime()),
    createTrainer(order) {
      given = order.tuning as Tuning;
      return world.createTrainer(order);
    },
    devices: { open: () => Promise.resolve({ device: world.newDevice(), report }), measure: () => Promise.resolve(1) },
    checkpoints: world.checkpoints,
    runs: world.runs,
    tunings: { read: () => Promise.resolve(kept), write: () => Promise.resolve() },
    whileTraining: (work) => work(),
    onListenerError: () => undefined,
  });
  const data = { kind: 'demo' } as const;
  const run = { runId: 'a', name: 'quiet-heron', task: 'lines', preset: 'tiny', data, settings: fakeSettings };
  await service.start({ ...run, ...wish }, () => undefined);
  return given!.winners;
}

it('takes what is shipped for the adapter', async () => {
  const winners = await winnersOf({});
  expect(winners.size).toBeGreaterThan(0);
  expect(winners).toEqual(shippedWinners(adapter));
});

it('trusts what this browser found more', async () => {
  const [key] = shippedWinners(adapter).keys();
  expect((await winnersOf({}, new Map([[key!, 'found here']]))).get(key!)).toBe('found here');
});

it('takes nothing where tuning is switched off', async () => {
  expect((await winnersOf({ tuning: 'off' }, new Map([['a', 'b']]))).size).toBe(0);
});
