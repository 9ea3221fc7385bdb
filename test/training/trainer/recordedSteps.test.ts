// Parameter groups of a trainer against steps that PyTorch recorded.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { sum } from '../../../src/engine/ops/reduce';
import { floatValues } from '../../../src/formats/storedTensor';
import type { NamedTensor, ParameterGroup, TaskRuntime } from '../../../src/training/runtime';
import { createTrainer } from '../../../src/training/trainer/createTrainer';
import type { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import { ratesAt } from '../../../src/training/trainer/parameterGroups';
import { compare, goldenFolder, readGolden } from '../../helpers/golden';
import { openDevice } from '../../helpers/gpu';

interface RecordedRun {
  readonly name: string;
  readonly attrs: {
    readonly groups: readonly {
      readonly params: readonly number[];
      readonly lr: number;
      readonly weight_decay: number;
    }[];
  };
  readonly steps: number;
  readonly tolerance: { readonly atol: number };
}

const folder = goldenFolder('ops')!;
const { tensors, metadata } = readGolden(folder, 'optimizer');
const names = [...tensors.keys()].flatMap((key) => /^input\.(p\d+)$/.exec(key)?.[1] ?? []);
const shapes = new Map(names.map((name) => [name, tensors.get(`input.${name}`)!.shape]));
const values = (key: string): Float32Array => Float32Array.from(floatValues(tensors.get(key)!));
const runs = JSON.parse(metadata['cases']!) as RecordedRun[];
const recorded = runs.find(({ name }) => name === 'adamw_groups')!;

/** Its gradients are what each batch says: the loss is the sum of all products. */
const model: TaskRuntime['model'] = () => ({
  inputs: Object.fromEntries(shapes),
  loss(p, inputs) {
    const products = names.map((name) =>
      sum(multiply(p.weight(name, shapes.get(name)!, { kind: 'constant', value: 0 }), inputs[name]!)),
    );
    return { total: products.reduce((a, b) => add(a, b)), parts: new Map() };
  },
});

function groupsOf(own: Partial<ParameterGroup>[] = []): ParameterGroup[] {
  return recorded.attrs.groups.map(({ params, lr, weight_decay: weightDecay }, i) => ({
    name: `group ${i}`,
    has: (name) => params.includes(Number(name.slice(1))),
    learningRate: lr,
    weightDecay,
    ...own[i],
  }));
}

let device: GPUDevice;
beforeAll(async () => void ({ device } = await openDevice()));
afterAll(() => device.destroy());

async function trainerOf(groups: readonly ParameterGroup[]): Promise<EngineTrainer> {
  const trainer = await createTrainer({
    device,
    runtime: { model, parameterGroups: () => groups },
    settings: {},
    facts: {},
  });
  for (const [name, shape] of shapes)
    await trainer.writeWeight(name, { dtype: 'F32', shape, data: values(`input.${name}`) });
  trainer.state().resetOptimizer();
  return trainer;
}

async function step(trainer: EngineTrainer, number: number, rates: readonly number[]): Promise<void> {
  const batch = Object.fromEntries(names.map((name) => [name, values(`input.step${number}.g${name.slice(1)}`)]));
  trainer.train([await trainer.stage(batch)], number, rates);
  await trainer.losses();
}

const floatsOf = (weights: ReadonlyMap<string, NamedTensor>, name: string) => weights.get(name)!.data as Float32Array;

describe('parameter groups', () => {
  it('have the rates and decays that were recorded', async () => {
    const groups = groupsOf();
    const trainer = await trainerOf(groups);
    for (let k = 1; k <= recorded.steps; k++) {
      const place = { step: k, stepsPerEpoch: 1, rateFactor: 1 };
      await step(trainer, k, ratesAt({ learningRate: (_step, _per, _settings, base) => base }, groups, {}, place));
      const weights = await trainer.weights();
      for (const name of names) {
        const wanted = values(`output.${recorded.name}.step${k}.${name}`);
        expect(compare(name, floatsOf(weights, name), wanted, recorded.tolerance)).toMatchObject({ ok: true });
      }
    }
    trainer.dispose();
  });

  it('stay as they are where they are frozen, and have no gradient', async () => {
    const groups = groupsOf([{}, { frozen: true }]);
    const [frozen, trained] = [await trainerOf(groups), await trainerOf(groupsOf())];
    expect(frozen.plan.trainableParameters).toBe(trained.plan.trainableParameters - 1 - 18);
    expect(frozen.plan.plannedPeakBytes).toBeLessThan(trained.plan.plannedPeakBytes);
    const rates = ratesAt({ learningRate: () => 0.5 }, groups, {}, { step: 1, stepsPerEpoch: 1, rateFactor: 0.5 });
    expect(rates).toEqual([0.25, 0]);
    await step(frozen, 1, rates);
    const weights = await frozen.weights();
    expect(floatsOf(weights, 'p2')).toEqual(values('input.p2'));
    expect(floatsOf(weights, 'p3')).toEqual(values('input.p3'));
    expect(floatsOf(weights, 'p0')).not.toEqual(values('input.p0'));
    for (const trainer of [frozen, trained]) trainer.dispose();
  });

  it('are a mistake of ours where they take no parameter, or leave one out', async () => {
    const [first] = groupsOf();
    await expect(trainerOf([first!])).rejects.toThrow('in no group');
    await expect(trainerOf([...groupsOf(), { name: 'text', learningRate: 1, weightDecay: 0 }])).rejects.toThrow(
      'no parameter is in the group text',
    );
  });
});
