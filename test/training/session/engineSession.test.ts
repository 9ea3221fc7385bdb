// The session on the true engine: a resumed or rescued run repeats the curve bit for bit, dropout and statistics included.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeights } from '../../../src/formats/openWeights';
import { relu } from '../../../src/engine/ops/activation';
import { square, subtract } from '../../../src/engine/ops/arithmetic';
import { dropout } from '../../../src/engine/ops/dropout';
import { mean } from '../../../src/engine/ops/mean';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { batchNorm } from '../../../src/layers/batchNorm';
import { linear } from '../../../src/layers/linear';
import type { Metrics, WeightKind } from '../../../src/training/protocol';
import { DeviceWatch } from '../../../src/training/session/deviceWatch';
import { evaluate } from '../../../src/training/session/evaluate';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import { CounterRandom, streams } from '../../../src/samples/random';
import type { Trainer } from '../../../src/training/runtime';
import { exportWeights } from '../../../src/training/weights/exportWeights';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import { openDevice } from '../../helpers/gpu';
import { FakeWorld } from '../fakeTask';

const batch = 4;
const devices: GPUDevice[] = [];

function network(p: Parameters, x: Tensor, training: boolean): Tensor {
  const hidden = batchNorm(p.at('norm'), linear(p.at('hidden'), x, 16), { axis: 1, training });
  return linear(p.at('head'), dropout(relu(hidden), training ? 0.2 : 0), 1);
}

function engineTrainer(device: GPUDevice, ema?: number): Promise<Trainer> {
  const random = new CounterRandom(3, streams.weights, 0);
  return EngineTrainer.create(
    device,
    {
      inputs: { input: [batch, 4], target: [batch, 1] },
      loss: (p, { input, target }) => {
        const total = mean(square(subtract(network(p, input!, true), target!)));
        return { total, parts: new Map([['square', total]]) };
      },
      predict: (p, { input }) => ({ line: network(p, input!, false) }),
    },
    {
      batchSize: batch,
      seed: 3,
      random: () => random.next(),
      optimizer: {
        name: 'AdamW',
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: 0.01,
        clipNorm: 1,
        ...(ema !== undefined && { ema }),
      },
    },
  );
}

function engineWorld(ema?: number): FakeWorld {
  const world = new FakeWorld();
  world.makeTrainer = (device) => engineTrainer(device, ema);
  world.openDevice = async () => {
    const { device } = await openDevice();
    devices.push(device);
    return device;
  };
  return world;
}

let plain: FakeWorld;

beforeAll(async () => {
  plain = engineWorld();
  await plain.session({ learningRate: 0.01 }).run();
});

afterAll(() => {
  for (const device of devices) device.destroy();
});

it('trains', () => {
  const { summary } = plain.of('finished')[0]!;
  expect(summary.steps).toBe(20);
  expect(summary.after).toBeLessThan(summary.before);
});

it('times every kernel before a debugged run, which changes nothing', async () => {
  const world = engineWorld();
  world.debug = true;
  await world.session({ learningRate: 0.01 }).run();
  const [told] = world.of('kernels');
  const { plan } = world.of('plan')[0]!;
  const dispatches = told!.kernels.reduce((sum, kind) => sum + kind.dispatches, 0);
  // The optimiser's three are not among them.
  expect(dispatches).toBe(plan.dispatchesPerStep - 3);
  expect(told!.kernels.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
  expect([...world.curve]).toEqual([...plain.curve]);
});

it('continues bit for bit from a checkpoint on another device', async () => {
  const world = engineWorld();
  const session = world.session({ learningRate: 0.01 });
  const running = session.run();
  while (world.curve.size < 7) await new Promise((resolve) => setTimeout(resolve, 2));
  await session.stop();
  await running;
  expect(world.of('finished')[0]!.summary.reason).toBe('stopped');
  await world.session({ learningRate: 0.01 }, true).run();
  const record = (await world.runs.getRun('run-1'))!;
  expect(record.steps.map(({ loss }) => loss)).toEqual([...plain.curve.values()]);
  expect(record.summary!.metricsAfter).toEqual(plain.of('finished')[0]!.summary.metricsAfter);
});

it('goes on by itself after the device is destroyed', async () => {
  const world = engineWorld();
  const running = world.session({ learningRate: 0.01 }).run();
  while (world.curve.size < 12) await new Promise((resolve) => setTimeout(resolve, 2));
  devices.at(-1)!.destroy();
  await running;
  expect(world.of('notice').map(({ code }) => code)).toEqual(['device-lost']);
  expect([...world.curve].sort(([a], [b]) => a - b)).toEqual([...plain.curve]);
});

describe('with weight averaging', () => {
  const decay = 0.8;

  /** What validation says of the run's last weights, exported and loaded into a model that keeps no average. */
  async function judged(world: FakeWorld, weights: WeightKind): Promise<Metrics> {
    const file = await exportWeights(world.checkpoints, 'run-1', {
      which: 'last',
      format: 'safetensors',
      weights,
      metricName: 'error',
    });
    const device = await world.openDevice();
    const trainer = await engineTrainer(device);
    await trainer.predicts;
    await loadWeights(await openWeights([{ path: 'last.safetensors', blob: file }]), trainer);
    const data = await world.runtime().prepare(world.source, {}, () => undefined);
    const watch = new DeviceWatch(device);
    const evaluation = await evaluate({ trainer, data, watch, goOn: () => Promise.resolve(true) });
    trainer.dispose();
    return evaluation!.metrics;
  }

  it('validates and exports the averages, and the raw weights where they are asked for', async () => {
    const world = engineWorld(decay);
    await world.session({ learningRate: 0.01 }).run();
    expect([...world.curve]).toEqual([...plain.curve]);
    const { summary } = world.of('finished')[0]!;
    expect(await judged(world, 'averaged')).toEqual(summary.metricsAfter);
    // Training is not changed by it, so the raw weights are those of the run without averages.
    expect(await judged(world, 'raw')).toEqual(plain.of('finished')[0]!.summary.metricsAfter);
    expect(summary.after).not.toBe(plain.of('finished')[0]!.summary.after);
  });

  it('keeps the averages in checkpoints: a resumed run ends with the same', async () => {
    const [whole, parted] = [engineWorld(decay), engineWorld(decay)];
    await whole.session({ learningRate: 0.01 }).run();
    const session = parted.session({ learningRate: 0.01 });
    const running = session.run();
    while (parted.curve.size < 7) await new Promise((resolve) => setTimeout(resolve, 2));
    await session.stop();
    await running;
    await parted.session({ learningRate: 0.01 }, true).run();
    expect(parted.of('finished').at(-1)!.summary.metricsAfter).toEqual(whole.of('finished')[0]!.summary.metricsAfter);
    expect(await judged(parted, 'averaged')).toEqual(await judged(whole, 'averaged'));
  });
});
