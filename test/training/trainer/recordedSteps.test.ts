// Parameter groups and moving averages of a trainer against steps that PyTorch recorded.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zeros } from '../../../src/engine/graph/parameters';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { sum } from '../../../src/engine/ops/reduce';
import { readSafetensors } from '../../../src/formats/safetensors';
import { floatValues } from '../../../src/formats/storedTensor';
import type { Settings } from '../../../src/models/settings';
import { memoryCheckpoints } from '../../../src/runs/memoryStores';
import { checkpointFile } from '../../../src/training/checkpoints/checkpoint';
import type { SessionState } from '../../../src/training/session/sessionState';
import { exportWeights } from '../../../src/training/weights/exportWeights';
import type { NamedTensor, ParameterGroup, TaskRuntime } from '../../../src/training/runtime';
import { createTrainer } from '../../../src/training/trainer/createTrainer';
import type { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import { ratesAt } from '../../../src/training/trainer/parameterGroups';
import { compare } from '../../helpers/golden';
import { openDevice } from '../../helpers/gpu';

interface RecordedRun {
  readonly name: string;
  readonly attrs: {
    readonly decay: number;
    readonly groups: readonly {
      readonly params: readonly number[];
      readonly lr: number;
      readonly weight_decay: number;
    }[];
  };
  readonly steps: number;
  readonly tolerance: { readonly atol: number };
}

const { tensors, metadata } = readSafetensors(readFileSync('test/goldens/ops/optimizer.safetensors'));
const names = [...tensors.keys()].flatMap((key) => /^input\.(p\d+)$/.exec(key)?.[1] ?? []);
const shapes = new Map(names.map((name) => [name, tensors.get(`input.${name}`)!.shape]));
const values = (key: string): Float32Array => Float32Array.from(floatValues(tensors.get(key)!));
const runs = JSON.parse(metadata['cases']!) as RecordedRun[];
const recorded = runs.find(({ name }) => name === 'adamw_groups')!;

/** Its gradients are what each batch says: the loss is the sum of all products. */
const model: TaskRuntime['model'] = () => ({
  inputs: Object.fromEntries(shapes),
  loss(p, inputs) {
    const products = names.map((name) => sum(multiply(p.weight(name, shapes.get(name)!, zeros), inputs[name]!)));
    return { total: products.reduce((a, b) => add(a, b)), parts: new Map() };
  },
  predict: (p) =>
    Object.fromEntries(names.map((name) => [name, add(p.weight(name, shapes.get(name)!, zeros), p.graph.scalar(0))])),
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

async function trainerOf(groups: readonly ParameterGroup[], settings: Settings = {}): Promise<EngineTrainer> {
  const trainer = await createTrainer({
    device,
    runtime: { model, parameterGroups: () => groups },
    settings,
    facts: {},
  });
  for (const [name, shape] of shapes)
    await trainer.writeWeight(name, { dtype: 'F32', shape, data: values(`input.${name}`) });
  trainer.state().resetOptimizer();
  return trainer;
}

async function step(trainer: EngineTrainer, number: number, rates: readonly number[]): Promise<void> {
  const batch = Object.fromEntries(names.map((name) => [name, values(`input.step${number}.g${name.slice(1)}`)]));
  await trainer.train([await trainer.stage(batch)], number, rates);
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

describe.each(runs.filter(({ name }) => name.startsWith('ema_')))('moving averages, $name', (run) => {
  /** What the recorded averages follow. */
  const all: ParameterGroup[] = [{ name: 'all', learningRate: 0.01, weightDecay: 0.05 }];

  it('are what is validated, which leaves training as it was', async () => {
    const averaged = await trainerOf(all, { emaDecay: run.attrs.decay });
    const plain = await trainerOf(all);
    expect([averaged.plan.judges, plain.plan.judges]).toEqual(['averaged', 'raw']);
    for (let k = 1; k <= run.steps; k++) {
      for (const trainer of [averaged, plain]) await step(trainer, k, [0.01]);
      await averaged.predicts;
      const outputs = await averaged.predict(await averaged.stage({}));
      for (const name of names) {
        const wanted = values(`output.${run.name}.step${k}.${name}`);
        expect(compare(name, outputs[name]!, wanted, run.tolerance)).toMatchObject({ ok: true });
      }
      expect(await averaged.weights()).toEqual(await plain.weights());
    }
    for (const trainer of [averaged, plain]) trainer.dispose();
  });

  it('leave by export, and the raw weights too', async () => {
    const trainer = await trainerOf(all, { emaDecay: run.attrs.decay });
    for (let k = 1; k <= run.steps; k++) await step(trainer, k, [0.01]);
    const store = memoryCheckpoints();
    const random = { generator: 'philox4x32-10', seed: 3 } as const;
    const state = { format: 2, task: 'lines', preset: '', step: 5, epoch: 1, random, best: null } as unknown;
    await store.write('a', 5, checkpointFile({ state: state as SessionState, ...trainer.state() }));
    for (const weights of ['averaged', 'raw'] as const) {
      const blob = await exportWeights(store, 'a', {
        which: 'best',
        format: 'safetensors',
        weights,
        metricName: 'error',
      });
      const { tensors: exported, metadata: about } = readSafetensors(new Uint8Array(await blob.arrayBuffer()));
      expect([...exported.keys()]).toEqual(names);
      expect(about['weights']).toBe(weights);
      for (const name of names) {
        const recordedRun = weights === 'averaged' ? run.name : 'adamw';
        const wanted = values(`output.${recordedRun}.step${run.steps}.${name}`);
        const got = floatValues(exported.get(name)!);
        expect(compare(name, got, wanted, recorded.tolerance)).toMatchObject({ ok: true });
      }
    }
    trainer.dispose();
  });
});
