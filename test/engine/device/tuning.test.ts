// Tuning: trials happen once per class of shapes, winners are kept, and every way of making a kernel gives the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Tuning, type TuningStore, type Winners } from '../../../src/engine/device/tuning';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Target } from '../../../src/engine/kernels/target';
import { attention } from '../../../src/engine/ops/attention';
import { add } from '../../../src/engine/ops/arithmetic';
import { convolution } from '../../../src/engine/ops/convolution';
import { layerNorm } from '../../../src/engine/ops/layerNorm';
import { linear, matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { reshape } from '../../../src/engine/ops/view';
import { planProgram, type PlannedProgram } from '../../../src/engine/passes/plan';
import { openDevice } from '../../helpers/gpu';
import { runGraph, type Value } from '../../helpers/runGraph';

let device: GPUDevice;
let target: Target;
beforeAll(async () => {
  ({ device } = await openDevice());
  target = targetOf(device, isSoftware(device.adapterInfo));
});
afterAll(() => device.destroy());

function program(rows: number, choose?: Target['choose']): PlannedProgram {
  const graph = new Graph();
  const y = matmul(graph.input('a', [rows, 32]), graph.input('b', [32, 16]));
  return planProgram({ name: 'tuned', graph, results: new Map([['y', y]]) }, { ...target, ...(choose && { choose }) });
}

function memoryStore(): TuningStore & { readonly kept: Map<string, Winners> } {
  const kept = new Map<string, Winners>();
  return {
    kept,
    read: (adapter) => Promise.resolve(kept.get(adapter) ?? new Map<string, string>()),
    write: (adapter, winners) => Promise.resolve(void kept.set(adapter, new Map(winners))),
  };
}

describe('learning', () => {
  it('tries every way once for a class of shapes, and keeps the winner', async () => {
    const store = memoryStore();
    const tuning = await Tuning.open({ adapter: 'one', measure: true, store });
    const { choice } = program(24).calls[0]!;
    let trials = 0;
    expect(await tuning.learn(device, [program(24)], () => trials++)).toBe(true);
    expect(trials).toBe(choice!.variants.length);
    expect(choice!.variants).toContain(tuning.winners.get(choice!.key));
    // 25 rows are of the same class as 24, 90 are not.
    expect(await tuning.learn(device, [program(25)])).toBe(false);
    expect(await tuning.learn(device, [program(90)])).toBe(true);
    const later = await Tuning.open({ adapter: 'one', measure: true, store });
    expect(await later.learn(device, [program(24), program(90)])).toBe(false);
    expect(await later.settled.learn(device, [program(700)])).toBe(false);
    expect(later.settled.winners).toEqual(later.winners);
    const other = await Tuning.open({ adapter: 'another', measure: true, store });
    expect(other.winners.size).toBe(0);
  });

  it('measures nothing where that is switched off, and takes what it knows', async () => {
    const { choice } = program(24).calls[0]!;
    const [, second] = choice!.variants as [string, string];
    const shipped = new Map([[choice!.key, second]]);
    const tuning = await Tuning.open({ adapter: 'one', measure: false, shipped });
    expect(await tuning.learn(device, [program(90)])).toBe(false);
    expect(program(24, tuning.choose).calls[0]!.choice!.taken).toBe(second);
    // An answer that is no way of this kernel leaves the best guess.
    expect(program(24, () => 'no such way').calls[0]!.choice!.taken).toBe(choice!.variants[0]);
  });

  it('tries no class that is shipped, keeps its own findings alone, and trusts them more', async () => {
    const store = memoryStore();
    const { choice } = program(24).calls[0]!;
    const [, second, third] = choice!.variants as [string, string, string];
    const shipped = new Map([[choice!.key, second]]);
    const tuning = await Tuning.open({ adapter: 'one', measure: true, shipped, store });
    expect(await tuning.learn(device, [program(24)])).toBe(false);
    expect(await tuning.learn(device, [program(90)])).toBe(true);
    expect([...store.kept.get('one')!.keys()]).toEqual([program(90).calls[0]!.choice!.key]);
    store.kept.set('one', new Map([[choice!.key, third]]));
    const later = await Tuning.open({ adapter: 'one', measure: false, shipped, store });
    expect(later.choose(choice!.key, [])).toBe(third);
    expect(later.settled.choose(choice!.key, [])).toBe(third);
  });

  it('ends at once when the person cancels, with what it learnt', async () => {
    const store = memoryStore();
    const tuning = await Tuning.open({ adapter: 'one', measure: true, store });
    const cancel = (done: number): void => {
      if (done === first) throw new Error('cancelled');
    };
    const first = program(24).calls[0]!.choice!.variants.length;
    await expect(tuning.learn(device, [program(24), program(90)], cancel)).rejects.toThrow('cancelled');
    expect(store.kept.get('one')?.size).toBe(1);
  });

  it('goes on without a store that cannot be read', async () => {
    const store: TuningStore = {
      read: () => Promise.reject(new Error('private window')),
      write: () => Promise.reject(new Error('full')),
    };
    const tuning = await Tuning.open({ adapter: 'one', measure: true, store });
    expect(await tuning.learn(device, [program(24)])).toBe(true);
  });
});

interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly body: (inputs: Readonly<Record<string, Tensor>>) => Tensor;
}

const cases: readonly Case[] = [
  {
    name: 'products with a residual',
    inputs: { a: [37, 48], b: [48, 32] },
    body: ({ a, b }) => add(matmul(a!, b!), 1),
  },
  { name: 'products of awkward sizes', inputs: { a: [3, 17, 17], b: [3, 17, 10] }, body: ({ a, b }) => matmul(a!, b!) },
  { name: 'linear layers', inputs: { x: [40, 64], w: [64, 64] }, body: ({ x, w }) => linear(x!, w!) },
  {
    name: 'convolutions',
    inputs: { x: [1, 9, 9, 16], w: [32, 16, 3, 3] },
    body: ({ x, w }) => convolution(x!, w!, null, { padding: 1, channels: 'last' }),
  },
  { name: 'attention', inputs: { x: [2, 19, 3 * 32] }, body: ({ x }) => attention(x!, { heads: 2 }) },
  {
    name: 'rows and sums',
    inputs: { x: [70, 256], w: [256], b: [256] },
    body: ({ x, w, b }) => sum(reshape(layerNorm(x!, w!, b!, 1e-5), [70, 256]), [0]),
  },
];

describe.each(['software', 'gpu'])('every way of %s kernels', (kind) => {
  it.each(cases)('gives the same $name', async ({ inputs, body }) => {
    const values = Object.fromEntries(
      Object.entries(inputs).map(([name, shape], k): [string, Value] => {
        const size = shape.reduce((product, one) => product * one, 1);
        return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.61 + k)) }];
      }),
    );
    const ways = new Map<string, number>();
    const run = async (round: number): Promise<Record<string, Float32Array>> => {
      const choose = (key: string, variants: readonly string[]): string | undefined => {
        ways.set(key, variants.length);
        return variants[round];
      };
      const { outputs, gradients } = await runGraph(
        device,
        { ...target, software: kind === 'software', choose },
        values,
        (_graph, given) => ({ y: body(given) }),
        {
          y: Float32Array.from({ length: 1 << 16 }, (_, i) => Math.cos(i * 0.37)).subarray(0, outputSize(values, body)),
        },
        Object.keys(inputs),
      );
      return { ...outputs, ...Object.fromEntries(Object.entries(gradients).map(([name, data]) => [`d${name}`, data])) };
    };
    const expected = await run(0);
    const rounds = Math.max(...ways.values());
    expect(rounds).toBeGreaterThan(1);
    for (let round = 1; round < rounds; round++) {
      const got = await run(round);
      for (const [name, want] of Object.entries(expected)) {
        const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        const worst = want.reduce((most, value, k) => Math.max(most, Math.abs(value - got[name]![k]!)), 0);
        expect(worst, `${name} in round ${round}`).toBeLessThan(1e-5 * largest);
      }
    }
  });
});

function outputSize(values: Readonly<Record<string, Value>>, body: Case['body']): number {
  const graph = new Graph();
  return body(Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, graph.input(name, shape)])))
    .size;
}
