// JavaScript in the midst of a step: an assignment by cost decides what the rest of the same step learns from.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { multiply, subtract } from '../../../src/engine/ops/arithmetic';
import { gather } from '../../../src/engine/ops/gather';
import { hostStage } from '../../../src/engine/ops/hostStage';
import { mean } from '../../../src/engine/ops/reduce';
import { expand, reshape } from '../../../src/engine/ops/view';
import { linear } from '../../../src/layers/linear';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/planTraining';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';

const queries = 6;
const truths = 3;
const inputs = 8;

/** The cheapest query for each truth, greedily: what it costs is read, which query it is comes back. */
function assign(cost: Float32Array): Uint32Array {
  const taken = new Set<number>();
  return Uint32Array.from({ length: truths }, (_, truth) => {
    const order = Array.from({ length: queries }, (_, query) => query).filter((query) => !taken.has(query));
    const best = order.reduce((a, b) => (cost[b * truths + truth]! < cost[a * truths + truth]! ? b : a));
    taken.add(best);
    return best;
  });
}

let calls = 0;
let seen: Float32Array | Uint32Array | undefined;

/** Queries predict a number each; each truth pulls the query that is assigned to it. `fixed` leaves out the stage. */
function model(fixed?: Uint32Array): ModelDefinition {
  return {
    inputs: { x: [queries, inputs], truth: [truths] },
    loss(p, { x, truth }) {
      const predicted = reshape(linear(p.at('head'), linear(p.at('body'), x!, 16), 1), [queries]);
      const shape = [queries, truths];
      const difference = subtract(
        expand(reshape(predicted, [queries, 1]), shape),
        expand(reshape(truth!, [1, truths]), shape),
      );
      const cost = multiply(difference, difference);
      const chosen = fixed
        ? p.graph.constant(fixed, [truths])
        : hostStage(p.graph, {
            name: 'assign',
            reads: { cost },
            gives: { query: { shape: [truths], dtype: 'u32' } },
            run: (values, batch) => {
              calls++;
              seen = batch['truth'];
              return { query: assign(values['cost'] as Float32Array) };
            },
          }).query;
      const matched = subtract(gather(predicted, 0, chosen), truth!);
      return { total: mean(multiply(matched, matched)), parts: new Map() };
    },
  };
}

const batch = { x: Float32Array.from(hashValues('x', queries * inputs)), truth: Float32Array.of(0.9, -0.4, 0.2) };
const made = { createBuffer: 0, createBindGroup: 0 };
let device: GPUDevice;

beforeAll(async () => {
  ({ device } = await openDevice());
  for (const name of ['createBuffer', 'createBindGroup'] as const) {
    const original = device[name].bind(device) as (...args: unknown[]) => unknown;
    Object.defineProperty(device, name, {
      value: (...args: unknown[]) => {
        made[name]++;
        return original(...args);
      },
    });
  }
});
afterAll(() => device.destroy());

async function create(definition: ModelDefinition, accumulation = 1): Promise<EngineTrainer> {
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize: 1,
    accumulation,
    seed: 1,
    random: () => 0.5,
    optimizer: { name: 'SGD', momentum: 0, weightDecay: 0, clipNorm: 0 },
  });
  for (const [name, shape] of trainer.shapes) {
    const size = shape.reduce((a, b) => a * b, 1);
    await trainer.writeWeight(name, { dtype: 'F32', shape, data: Float32Array.from(hashValues(`w:${name}`, size)) });
  }
  return trainer;
}

it('learns from what JavaScript assigned in the same step, with no dispatch more than without', async () => {
  calls = 0;
  const staged = await create(model());
  await staged.train([await staged.stage(batch)], 1, 0.1);
  const [first] = await staged.losses();
  expect(calls).toBe(1);
  expect(seen).toEqual(batch.truth);
  // What was assigned, worked out beside the GPU.
  const weights = await (await create(model())).weights();
  const value = (name: string) => weights.get(name)!.data as Float32Array;
  const predicted = Array.from({ length: queries }, (_, query) => {
    const hidden = Array.from({ length: 16 }, (_, unit) =>
      batch.x
        .subarray(query * inputs, (query + 1) * inputs)
        .reduce((sum, one, i) => sum + one * value('body.weight')[unit * inputs + i]!, value('body.bias')[unit]!),
    );
    return hidden.reduce((sum, one, i) => sum + one * value('head.weight')[i]!, value('head.bias')[0]!);
  });
  const cost = Float32Array.from({ length: queries * truths }, (_, i) => {
    const difference = predicted[Math.floor(i / truths)]! - batch.truth[i % truths]!;
    return difference ** 2;
  });
  const chosen = assign(cost);
  expect(new Set(chosen).size).toBe(truths);
  const plain = await create(model(chosen));
  await plain.train([await plain.stage(batch)], 1, 0.1);
  const [same] = await plain.losses();
  expect(first!.loss).toBeCloseTo(same!.loss, 6);
  const [a, b] = [await staged.weights(), await plain.weights()];
  for (const [name, { data }] of a)
    (data as Float32Array).forEach((one, i) => expect(one).toBeCloseTo((b.get(name)!.data as Float32Array)[i]!, 6));
  // The cost itself is one kernel that the plain model need not compute.
  expect(staged.plan.dispatchesPerStep - plain.plan.dispatchesPerStep).toBeLessThanOrEqual(1);
});

it('makes no buffer and no bind group in a step, and has its turn in each batch that accumulates', async () => {
  const trainer = await create(model(), 2);
  await trainer.train([await trainer.stage(batch), await trainer.stage(batch)], 1, 0.1);
  await trainer.losses();
  const before = { ...made };
  calls = 0;
  for (let step = 2; step <= 20; step++) {
    await trainer.train([await trainer.stage(batch), await trainer.stage(batch)], step, 0.1);
    await trainer.losses();
  }
  expect(made).toEqual(before);
  expect(calls).toBe(38);
  expect(trainer.livePeakBytes).toBeLessThanOrEqual(trainer.plan.plannedPeakBytes);
});

it('says what a stage gave wrongly', async () => {
  const definition = model();
  const wrong: ModelDefinition = {
    ...definition,
    loss(p, { x }) {
      const { half } = hostStage(p.graph, {
        name: 'wrong',
        reads: { x: x! },
        gives: { half: { shape: [4], dtype: 'f32' } },
        run: () => ({ half: new Float32Array(3) }),
      });
      return { total: mean(multiply(half, p.weight('w', [4], { kind: 'constant', value: 1 }))), parts: new Map() };
    },
  };
  const trainer = await EngineTrainer.create(device, wrong, {
    batchSize: 1,
    seed: 1,
    random: () => 0.5,
    optimizer: { name: 'SGD', momentum: 0, weightDecay: 0, clipNorm: 0 },
  });
  await expect(trainer.train([await trainer.stage(batch)], 1, 0.1)).rejects.toThrow(
    'wrong gives 3 values for half; 4 are wanted',
  );
});
