// Groups of nodes: no kernel reads and writes more tensors than a device binds.
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget } from '../../../src/engine/kernels/target';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { sum } from '../../../src/engine/ops/reduce';
import { planProgram } from '../../../src/engine/passes/plan';

it('stores what a sum would read through too many tensors, without gradients as well', () => {
  const graph = new Graph();
  const products = (from: number): Tensor =>
    [1, 2, 3, 4]
      .map((i) => graph.input(`x${from + i}`, [8, 16]))
      .reduce<Tensor>((product, x) => multiply(product, x), graph.input(`x${from}`, [8, 16]));
  // Either product alone could be made where the sum reads it; both read ten tensors.
  const y = sum(add(products(0), products(5)), [1]);
  const plan = planProgram({ name: 'wide', graph, results: new Map([['y', y]]) }, defaultTarget);
  // One product is written, the other made in the kernel that adds them.
  expect(plan.calls.map(({ bindings }) => bindings.length)).toEqual([6, 7, 2]);
});
