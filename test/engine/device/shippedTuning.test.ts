// Shipped winners: which adapters share them, and that kernels still offer what the tables name.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf, shippedTables, shippedWinners, type ShippedTable } from '../../../src/engine/device/shippedTuning';
import { plannedPrograms } from '../../bench/plannedPrograms';
import type { WorkloadsModule } from '../../bench/workloads';

const module = resolve(process.env.BENCH_PEERS ?? '../shared/bench/peers', 'lib/workloads.mjs');
const halves = ['shader-f16', 'subgroups', 'timestamp-query'];
const floats = ['subgroups', 'timestamp-query'];

describe('the family of an adapter', () => {
  it.each([
    ['mesa', 'software', 'llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1', halves, 'lavapipe'],
    ['mesa', 'software', '', halves, 'lavapipe'],
    // Chromium whose SwiftShader was replaced.
    ['google', 'swiftshader', '', halves, 'lavapipe'],
    ['google', 'swiftshader', 'SwiftShader driver 5.0.0', floats, 'swiftshader'],
    ['google', 'swiftshader', '', floats, 'swiftshader'],
    ['nvidia', 'ampere', 'NVIDIA GeForce RTX 3060', halves, 'nvidia-ampere'],
    ['intel', 'gen-12lp', '', halves, 'intel-gen-12lp'],
    ['', '', '', floats, undefined],
    ['apple', '', '', halves, undefined],
  ])('of %j, %j, %j', (vendor, architecture, description, features, family) => {
    expect(familyOf({ vendor, architecture, description, features })).toBe(family);
  });

  it('brings its winners, and others none', () => {
    const [[family, table]] = [...shippedTables] as [[string, ShippedTable]];
    expect(familyOf(table.adapter)).toBe(family);
    expect(Object.fromEntries(shippedWinners(table.adapter))).toEqual(table.winners);
    expect(shippedWinners({ ...table.adapter, vendor: 'acme', architecture: '', description: '' }).size).toBe(0);
  });
});

/** As much of the adapter's device as planning looks at. */
function deviceOf({ features, ...adapterInfo }: ShippedTable['adapter']): GPUDevice {
  const bytes = 2 ** 30;
  const limits = { maxStorageBufferBindingSize: bytes, maxBufferSize: bytes, maxComputeWorkgroupsPerDimension: 65535 };
  return { adapterInfo, features: new Set(features), limits } as unknown as GPUDevice;
}

describe.each([...shippedTables])('the table of %s', (_family, table) => {
  it('names ways that kernels still offer instead of the best guess, and no class that nothing asks for', async () => {
    const workloads = existsSync(module) ? ((await import(/* @vite-ignore */ module)) as WorkloadsModule) : null;
    const subjects = table.subjects.filter((subject) => workloads !== null || subject.startsWith('task:'));
    const offered = new Map<string, readonly string[]>();
    for (const subject of subjects) {
      for (const { calls } of await plannedPrograms(subject, deviceOf(table.adapter), workloads)) {
        for (const { choice } of calls) if (choice) offered.set(choice.key, choice.variants);
      }
    }
    const asked = Object.entries(table.winners).filter(([key]) => workloads !== null || offered.has(key));
    expect(asked.length).toBeGreaterThan(0);
    // `npm run tune` with the table's subjects measures anew what is stale.
    const stale = asked.filter(([key, winner]) => !offered.get(key)?.slice(1).includes(winner));
    expect(stale).toEqual([]);
  });
});
