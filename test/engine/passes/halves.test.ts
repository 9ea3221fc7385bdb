// f16 storage: what is stored as halves, and that sums of them do not overflow.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Graph } from '../../../src/engine/graph/graph';
import { copy, multiply } from '../../../src/engine/ops/arithmetic';
import { matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { compile, plan } from '../../../src/engine/device/compile';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

it('adds 1,024 halves of 100 to 102,400', async (context) => {
  if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
  const graph = new Graph();
  const x = graph.input('x', [4, 1024]);
  const hundreds = copy(x);
  const results = new Map([
    ['sums', sum(multiply(hundreds, 1), [1])],
    ['product', matmul(hundreds, graph.constant(new Float32Array(2048).fill(1), [1024, 2]))],
  ]);
  const target = { ...targetOf(device, isSoftware(device.adapterInfo)), half: true, fusion: false };
  const { programs, buffers } = await compile(device, plan([{ name: 'halves', graph, results }], target));
  const [program] = programs;
  expect(program!.plan.half(hundreds)).toBe(true);
  program!.write('x', new Float32Array(4096).fill(100));
  program!.run(0, 1);
  expect([...(await program!.read('sums'))]).toEqual(Array(4).fill(102400));
  expect([...(await program!.read('product'))]).toEqual(Array(8).fill(102400));
  buffers.dispose();
});

it('reads inputs that were stored as halves', async (context) => {
  if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
  const graph = new Graph();
  const a = graph.input('a', [3, 5], 'f32', true);
  const b = graph.input('b', [5, 4], 'f32', true);
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const spec = { name: 'halves', graph, results: new Map([['y', matmul(a, b)]]) };
  const { programs, buffers } = await compile(device, plan([spec], target));
  const [program] = programs;
  // 2,049 is no half; its neighbour is.
  program!.write('a', new Float32Array(15).fill(2049));
  program!.write('b', new Float32Array(20).fill(0.5));
  program!.run(0, 1);
  expect([...(await program!.read('y'))]).toEqual(Array(12).fill(5 * 2048 * 0.5));
  buffers.dispose();
});
