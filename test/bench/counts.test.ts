// What a training step of each workload costs in dispatches and bytes: exact, so held here and not only in a table.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../src/engine/kernels/target';
import { planTraining } from '../../src/training/trainer/planTraining';
import { makeMntsm } from './mntsm/workload';
import { trace, type Workload, type WorkloadsModule } from './workloads';

const module = resolve(process.env.BENCH_PEERS ?? '../shared/bench/peers', 'lib/workloads.mjs');
const optimizer = { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 0 } as const;
const UPDATE = 3;
const MIB = 2 ** 20;

/** At most so many dispatches (the optimiser's included) and MiB of all buffers: jax-js's, and half of its memory. */
const limits = [
  { name: 'mlp', dispatches: 53, mebibytes: 47 },
  { name: 'block', dispatches: 40, mebibytes: 138 / 2 },
  { name: 'vit', dispatches: 1484, mebibytes: 500 },
  { name: 'conv', dispatches: 103, mebibytes: 221 / 2 },
  { name: 'lift', dispatches: 279, mebibytes: 28 },
];
const targets: readonly (readonly [string, Target])[] = [
  ['a CPU with subgroups', { ...defaultTarget, software: true, subgroupSize: 8 }],
  ['a GPU', { ...defaultTarget, subgroupSize: 32 }],
];

/** Dispatches, the optimiser's included, and MiB of all buffers of a training step. */
function costOf(workload: Workload, target: Target): { dispatches: number; mebibytes: number } {
  const { planned, bytes } = planTraining(
    {
      inputs: Object.fromEntries(Object.entries(workload.inputs).map(([name, { shape }]) => [name, shape])),
      loss: (p, inputs) => ({ total: trace(workload, p, inputs), parts: new Map<string, Tensor>() }),
    },
    target,
    optimizer,
    { recompute: 'none', accumulation: 1 },
  );
  return { dispatches: planned.programs[0]!.calls.length + UPDATE, mebibytes: bytes / MIB };
}

describe.skipIf(!existsSync(module)).each(targets)('a training step on %s', (_name, target) => {
  it.each(limits)('of $name takes at most $dispatches dispatches and $mebibytes MiB', async (limit) => {
    const { makeWorkload } = (await import(/* @vite-ignore */ module)) as WorkloadsModule;
    const { dispatches, mebibytes } = costOf(makeWorkload(limit.name, 'base', {}), target);
    expect(dispatches).toBeLessThanOrEqual(limit.dispatches);
    expect(mebibytes).toBeLessThanOrEqual(limit.mebibytes);
  });
});

/** Ours alone, whatever lies beside the checkout; jax-js makes 1,814 dispatches of the same step. */
it.each(targets)('a training step of mntsm on %s takes at most 800 dispatches and 110 MiB', (_name, target) => {
  const { dispatches, mebibytes } = costOf(makeMntsm('base', {}), target);
  expect(dispatches).toBeLessThanOrEqual(800);
  expect(mebibytes).toBeLessThanOrEqual(110);
});
