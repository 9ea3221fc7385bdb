// What `npm run isa` reads from a driver's output, and when it complains.
import { expect, test } from 'vitest';
import { readStatistics } from '../../tools/isa/statistics';
import { complaints, partsOf, stepsOf, type Step, type Table } from '../../tools/isa/steps';

const said = `driver chatter
@@@ one
BB3:
disasm:
BB0:
\tv_fma_f32 v9, v9, v9, v9                       ; d6
\ts_cbranch_scc1 BB4                             ; bf
BB1:
\tds_load_b128 v[0:3], v4                        ; d8
BB2:
\tv_dual_fmac_f32 v0, v1, v2 :: v_dual_fmac_f32 v3, v4, v5 ; c8
\tv_mul_f32 v0, v1, v2                           ; 10
\ts_cbranch_scc0 BB2                             ; bf
\tbuffer_store_b32 v0, v1                        ; e0
\ts_branch BB1                                   ; bf
BB4:
\ts_endpgm                                       ; bf

*** SHADER STATS ***
VGPRs: 48
Spilled VGPRs: 2
LDS size: 1024
Scratch size: 8
Subgroups per SIMD: 16
Instructions: 9
Inverse Throughput: 500000
@@@ end
@@@ failed
no statistics
@@@ end
`;

test('finds registers and the innermost loop with multiply-adds', () => {
  const statistics = readStatistics(said);
  expect([...statistics.keys()]).toEqual(['one']);
  expect(statistics.get('one')).toEqual({
    registers: 48,
    spilled: 2,
    scratchBytes: 8,
    sharedBytes: 1024,
    waves: 16,
    instructions: 9,
    inverseThroughput: 500000,
    hot: { instructions: 3, multiplyAdds: 2, sharedLoads: 0, sharedStores: 0, loads: 0, stores: 0, scalar: 1 },
  });
});

test('sums up a step: cost by workgroups, kernels once', () => {
  const dispatch = (workgroups: number[], entryPoint: string) => {
    return {
      step: 'vit',
      kernel: 'one',
      entryPoint,
      label: '',
      way: '',
      workgroups,
      invocations: 64,
      waits: entryPoint === 'b',
    };
  };
  const dispatches = [dispatch([2, 3, 1], 'a'), dispatch([1, 1, 1], 'b')];
  const statistics = readStatistics(said);
  expect(stepsOf(dispatches, statistics)).toEqual([
    { name: 'vit', dispatches: 2, barriers: 1, kernels: 1, spilling: 1, scratch: 1, cost: 3.5 },
  ]);
  expect(partsOf('vit', dispatches, statistics).map(({ entryPoint }) => entryPoint)).toEqual(['a', 'b']);
});

test('complains of spills and of cost, but of cost only under the same driver', () => {
  const table = (driver: string, change: Partial<Step>): Table => {
    const step = {
      name: 'vit',
      dispatches: 400,
      barriers: 300,
      kernels: 30,
      spilling: 0,
      scratch: 0,
      cost: 100,
      ...change,
    };
    return { gpu: 'navi31', driver, steps: [step] };
  };
  const before = table('a', {});
  expect(complaints(before, table('a', { cost: 104.9 }))).toEqual([]);
  expect(complaints(before, table('a', { cost: 110 }))).toEqual([
    "navi31 vit costs 110 M, 10.0 % more than the table's 100 M",
  ]);
  expect(complaints(before, table('b', { cost: 110, spilling: 1 }))).toEqual([
    'navi31 vit: 1 kernels spill registers, not 0',
  ]);
  expect(complaints(before, table('a', { name: 'new', scratch: 2 }))).toEqual([
    'navi31 new: 2 kernels use memory of their own, not 0',
  ]);
});
