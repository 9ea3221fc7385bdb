// Groups of nodes: no kernel reads and writes more tensors than a device binds.
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget } from '../../../src/engine/kernels/target';
import { gelu, tanh } from '../../../src/engine/ops/activation';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { gradients } from '../../../src/engine/passes/gradient';
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

it('computes a derivative in the kernel that makes its factor', () => {
  const graph = new Graph();
  const [x, first, ...others] = Array.from({ length: 8 }, (_, i) => graph.input(`x${i}`, [32, 32])) as [
    Tensor,
    Tensor,
    ...Tensor[],
  ];
  // Of tanh it is a chain of two operations on what the forward pass left.
  const hidden = tanh(matmul(gelu(matmul(x, first)), first));
  const loss = sum(others.reduce((y, weight) => matmul(y, weight), hidden));
  const results = new Map([['gradient', gradients(graph, loss, [first]).get(first)!]]);
  const plan = planProgram({ name: 'derivatives', graph, results }, defaultTarget);
  expect(plan.calls.filter(({ entryPoint }) => entryPoint === 'pointwise')).toEqual([]);
});
