// The trainer on a stack of small blocks: recompute by a budget of bytes, and mixed precision with its loss scale.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTarget } from '../../../src/engine/kernels/target';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { relu } from '../../../src/engine/ops/activation';
import { add, multiply, square, subtract } from '../../../src/engine/ops/arithmetic';
import { mean } from '../../../src/engine/ops/mean';
import { openWeights } from '../../../src/formats/openWeights';
import { piecesToBlob, weightPieces } from '../../../src/formats/writeWeights';
import { linear } from '../../../src/layers/linear';
import { checkpointFile, openCheckpoint } from '../../../src/training/checkpoints/checkpoint';
import { EngineTrainer, type TrainerOptions } from '../../../src/training/trainer/engineTrainer';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import type { SessionState } from '../../../src/training/session/sessionState';
import { restoreState } from '../../../src/training/trainer/stateTensors';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { openDevice } from '../../helpers/gpu';

const [ROWS, WIDTH, BLOCKS] = [64, 16, 4];

/** Four blocks of two layers around a residual; `gain` makes gradients overflow f16 on purpose. */
function stack(gain = 1): ModelDefinition {
  const forward = (p: Parameters, x: Tensor): Tensor => {
    let h = x;
    for (let k = 0; k < BLOCKS; k++) {
      const place = p.at('blocks').at(k);
      const input = h;
      h = p.graph.recompute(() => {
        const wide = relu(linear(place.at('fc1'), input, 4 * WIDTH));
        return add(input, linear(place.at('fc2'), wide, WIDTH));
      });
    }
    return h;
  };
  return {
    inputs: { x: [ROWS, WIDTH], y: [ROWS, WIDTH] },
    loss: (p, { x, y }) => {
      const h = forward(p, x!);
      return {
        total: p.graph.fullPrecision(() => multiply(mean(square(subtract(h, y!))), gain)),
        parts: new Map<string, Tensor>(),
      };
    },
    predict: (p, { x }) => ({ y: forward(p, x!) }),
  };
}

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

function wave(phase: number): Float32Array {
  return Float32Array.from({ length: ROWS * WIDTH }, (_, i) => Math.sin(i * 0.37 + phase));
}

async function create(options: Partial<TrainerOptions>, model = stack()): Promise<EngineTrainer> {
  let state = 1;
  return EngineTrainer.create(device, model, {
    batchSize: ROWS,
    seed: 3,
    random: () => (state = (state * 16807) % 2147483647) / 2147483647,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
    ...options,
  });
}

async function losses(trainer: EngineTrainer, steps: number): Promise<{ loss: number; skipped: boolean }[]> {
  const result: { loss: number; skipped: boolean }[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.train([await trainer.stage({ x: wave(0), y: wave(1) })], step, 1e-2);
    for (const { loss, skipped } of await trainer.losses()) result.push({ loss, skipped: skipped === true });
  }
  return result;
}

describe('recompute by a budget', () => {
  it('recomputes as few blocks as the budget asks for, with the same losses', async () => {
    const none = await create({});
    const all = await create({ recompute: 'all' });
    expect(none.plan).toMatchObject({ blocks: BLOCKS, recomputedBlocks: 0 });
    expect(all.plan.recomputedBlocks).toBe(BLOCKS);
    expect(all.plan.plannedPeakBytes).toBeLessThan(none.plan.plannedPeakBytes);
    const bytes = Math.floor((none.plan.plannedPeakBytes + all.plan.plannedPeakBytes) / 2);
    const some = await create({ recompute: { bytes } });
    expect(some.plan.plannedPeakBytes).toBeLessThanOrEqual(bytes);
    expect(some.plan.recomputedBlocks).toBeGreaterThan(0);
    expect(some.plan.recomputedBlocks).toBeLessThan(BLOCKS);
    expect(some.livePeakBytes).toBe(some.plan.plannedPeakBytes);
    const explained = none.explain();
    expect(explained.waitingBytes).toBeGreaterThan(all.explain().waitingBytes);
    expect(explained.peakBytes).toBeLessThanOrEqual(explained.arenaBytes);
    expect(explained.alive[0]!.shape).toEqual([ROWS, 4 * WIDTH]);
    const expected = await losses(none, 3);
    expect(await losses(some, 3)).toEqual(expected);
    for (const one of [none, all, some]) one.dispose();
  });

  it('says what is needed when no choice keeps within the budget', async () => {
    await expect(create({ recompute: { bytes: 1000 } })).rejects.toThrow(/even with every layer recomputed/);
  });
});

describe('a device of small buffers', () => {
  const clipped = { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0.01 } as const;
  const optimizer = { ...clipped, ema: 0.9, groupOf: (name: string) => (name.includes('bias') ? 1 : 0) };
  const small = { ...defaultTarget, storageBindingBytes: 20_000, bufferBytes: 40_000 };

  it('spreads parameters over several buffers and learns the same', async () => {
    const whole = await create({ optimizer });
    const paged = await create({ optimizer, target: small });
    expect(paged.buffersMade).toBeGreaterThan(whole.buffersMade);
    expect(paged.livePeakBytes).toBe(paged.plan.plannedPeakBytes);
    const [expected, got] = [await losses(whole, 5), await losses(paged, 5)];
    got.forEach(({ loss }, k) => expect(loss).toBeCloseTo(expected[k]!.loss, 6));
    // What is kept of one goes on in the other.
    const { weights, optimizerState } = whole.state();
    await restoreState(paged.state(), { weights, optimizerState });
    expect(await paged.weights()).toEqual(await whole.weights());
    const [next] = await losses(paged, 1);
    expect(next!.loss).toBeCloseTo((await losses(whole, 1))[0]!.loss, 6);
    for (const one of [whole, paged]) one.dispose();
  });
});

describe('mixed precision', () => {
  it('halves what activations need and follows the f32 losses', async () => {
    const full = await create({});
    const expected = await losses(full, 20);
    const mixed = await create({ mixedPrecision: true });
    const got = await losses(mixed, 20);
    if (device.features.has('shader-f16')) {
      expect(mixed.plan.plannedPeakBytes).toBeLessThan(full.plan.plannedPeakBytes);
    }
    expect(mixed.plan.precision).toBe(device.features.has('shader-f16') ? 'mixed' : 'f32');
    // Measured by what there is to lose: late losses are a hundredth of the first.
    const first = expected[0]!.loss;
    got.forEach(({ loss }, i) => expect(Math.abs(loss - expected[i]!.loss) / first).toBeLessThan(0.005));
    expect(got.some(({ skipped }) => skipped)).toBe(false);
    for (const one of [full, mixed]) one.dispose();
  });

  it('leaves out steps that overflow and halves the loss scale until they do not', async (context) => {
    if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
    const trainer = await create({ mixedPrecision: true }, stack(1e4));
    const got = await losses(trainer, 12);
    const skipped = got.filter((one) => one.skipped).length;
    expect(skipped).toBeGreaterThan(0);
    expect(skipped).toBeLessThan(12);
    // While steps are left out the weights stay, and so does the loss.
    expect(got[1]!.loss).toBe(got[0]!.loss);
    expect(got[11]!.loss).toBeLessThan(got[0]!.loss);
    trainer.dispose();
  });
});

describe('weights of a file', () => {
  it('arrive bit for bit, whatever was there before', async () => {
    const [from, into] = [await create({}), await create({ seed: 4 })];
    await losses(from, 2);
    const weights = await from.weights();
    const tensors = [...weights].map(([name, tensor]) => ({
      ...{ name, dtype: tensor.dtype, shape: tensor.shape },
      read: () => Promise.resolve(tensor),
    }));
    const source = await openWeights([{ path: 'w.pth', blob: await piecesToBlob(weightPieces('pth', tensors)) }]);
    const report = await loadWeights(source, into);
    expect(report).toMatchObject({ initial: [], unused: [], wrongShape: [] });
    expect(report.matched).toHaveLength(weights.size);
    expect(await into.weights()).toEqual(weights);
    await expect(into.writeWeight('nothing', { dtype: 'F32', shape: [1], data: new Float32Array(1) })).rejects.toThrow(
      /weight nothing/,
    );
    for (const one of [from, into]) one.dispose();
  });
});

describe('state', () => {
  const settings = {
    name: 'AdamW',
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0,
    clipNorm: 0,
    ema: 0.9,
  } as const;

  it('goes through a checkpoint and continues the very same curve', async () => {
    const [from, into] = [await create({ optimizer: settings }), await create({ optimizer: settings, seed: 4 })];
    await losses(from, 3);
    await losses(into, 1);
    const { weights, optimizerState } = from.state();
    const averages = weights.filter(({ dtype }) => dtype === 'F32').map(({ name }) => `ema.${name}`);
    expect(optimizerState.map(({ name }) => name)).toEqual([
      ...['exp_avg', 'exp_avg_sq'],
      ...averages,
      ...['counts', 'loss_scale'],
    ]);
    const session = { format: 2, step: 3, random: { generator: 'philox4x32-10', seed: 3 } } as SessionState;
    const file = checkpointFile({ state: session, weights, optimizerState });
    const blob = await piecesToBlob(file.pieces());
    expect(blob.size).toBe(file.bytes);
    const checkpoint = await openCheckpoint(blob, 3);
    expect(checkpoint.state).toEqual(session);
    await restoreState(into.state(), checkpoint);
    expect(await into.weights()).toEqual(await from.weights());
    expect(await losses(into, 3)).toEqual(await losses(from, 3));
    await restoreState(into.state(), { ...checkpoint, optimizerState: null });
    expect(
      await into
        .state()
        .optimizerState.find(({ name }) => name === 'counts')!
        .read(0, 2),
    ).toEqual(BigInt64Array.of(0n, 0n));
    for (const one of [from, into]) one.dispose();
  });

  it('of another model or optimiser is refused before anything is written', async () => {
    const trainer = await create({ optimizer: settings });
    await losses(trainer, 1);
    const kept = trainer.state();
    const before = await trainer.weights();
    const other = kept.weights.map((one, i) => ({ ...one, shape: i === 3 ? [7] : one.shape, read: zeros }));
    await expect(restoreState(kept, { ...kept, weights: other })).rejects.toMatchObject({ code: 'weight-mismatch' });
    await expect(restoreState(kept, { ...kept, weights: other.slice(0, 3) })).rejects.toMatchObject({
      code: 'weight-missing',
      detail: { name: kept.weights[3]!.name },
    });
    const fewer = kept.optimizerState.slice(1);
    const weights = kept.weights.map((one) => ({ ...one, read: zeros }));
    await expect(restoreState(kept, { weights, optimizerState: fewer })).rejects.toMatchObject({
      code: 'optimizer-mismatch',
    });
    expect(await trainer.weights()).toEqual(before);
    trainer.dispose();
  });

  const zeros = (begin: number, end: number) => Promise.resolve(new Float32Array(end - begin));
});

describe('accumulation', () => {
  const [a, b] = [
    { x: wave(0), y: wave(1) },
    { x: wave(2), y: wave(3) },
  ];
  const sgd = { name: 'SGD', momentum: 0, weightDecay: 0, clipNorm: 0 } as const;

  /** Weights after one step over the batches, and its loss. */
  async function stepOver(
    batches: readonly (typeof a)[],
    options: Partial<TrainerOptions>,
  ): Promise<{ weights: Float32Array; loss: number; plan: EngineTrainer['plan'] }> {
    const trainer = await create({ optimizer: sgd, ...options });
    await trainer.train(await stageAll(trainer, batches), 1, 0.1);
    const [record] = await trainer.losses();
    const all = [...(await trainer.weights()).values()].flatMap(({ data }) => Array.from(data, Number));
    const { plan, livePeakBytes } = trainer;
    expect(livePeakBytes).toBe(plan.plannedPeakBytes);
    trainer.dispose();
    return { weights: Float32Array.from(all), loss: record!.loss, plan };
  }

  it('takes one step along the mean gradient of its batches', async () => {
    const alone = [await stepOver([a], {}), await stepOver([b], {})] as const;
    const both = await stepOver([a, b], { accumulation: 2 });
    expect(both.loss).toBeCloseTo((alone[0].loss + alone[1].loss) / 2, 6);
    both.weights.forEach((value, k) => {
      expect(value).toBeCloseTo((alone[0].weights[k]! + alone[1].weights[k]!) / 2, 6);
    });
    // Added in place: no dispatch and no array more, only room for the losses of more batches.
    expect(both.plan.dispatchesPerStep).toBe(alone[0].plan.dispatchesPerStep);
    expect(both.plan.plannedPeakBytes - alone[0].plan.plannedPeakBytes).toBe(2 * 64 * 48);
  });

  it('takes the remainder as a step of its own, whatever the buffer held', async () => {
    const alone = await stepOver([a], {});
    const rest = await stepOver([a], { accumulation: 3 });
    expect(rest.weights).toEqual(alone.weights);
    const trainer = await create({ optimizer: sgd, accumulation: 3 });
    await trainer.train(await stageAll(trainer, [b, b, a]), 1, 0);
    await trainer.train([await trainer.stage(a)], 2, 0.1);
    await trainer.losses();
    const after = [...(await trainer.weights()).values()].flatMap(({ data }) => Array.from(data, Number));
    expect(Float32Array.from(after)).toEqual(alone.weights);
    trainer.dispose();
  });
});
