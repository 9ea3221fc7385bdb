// How products are shared out on a GPU: counted workgroups and dispatches of the shapes that models have.
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { matmul } from '../../../src/engine/ops/matmul';
import { transpose } from '../../../src/engine/ops/view';
import { planProgram } from '../../../src/engine/passes/plan';

const gpu: Target = { ...defaultTarget, subgroupSize: 32 };

/** Workgroups of each dispatch that a tensor takes. */
function workgroupsOf(graph: Graph, result: Tensor): number[] {
  const program = planProgram({ name: 'product', graph, results: new Map([['result', result]]) }, gpu);
  return program.calls.map(({ workgroups: [a, b, c] }) => a * b * c);
}

/** Of a linear layer's weight gradient, [terms, rows] and [terms, columns] multiplied. */
function weightGradient(rows: number, columns: number, terms: number): number[] {
  const graph = new Graph();
  const [x, dy] = [graph.input('x', [terms, rows]), graph.input('dy', [terms, columns])];
  return workgroupsOf(graph, matmul(transpose(x, 0, 1), dy));
}

it.each([
  [32, 32],
  [64, 32],
  [32, 64],
  [16, 64],
  [128, 32],
  [3, 32],
])("makes pose's weight gradients of %i x %i over 408 terms by 16 workgroups or more, at once", (rows, columns) => {
  const [workgroups, ...others] = weightGradient(rows, columns, 408);
  expect(others).toEqual([]);
  expect(workgroups).toBeGreaterThanOrEqual(16);
});

it.each([
  [384, 1536, 96],
  [1536, 384, 96],
  [384, 1152, 96],
  [384, 384, 72],
])("makes vit's weight gradients of %i x %i over 197 terms by at least %i workgroups", (rows, columns, least) => {
  const [workgroups, ...others] = weightGradient(rows, columns, 197);
  expect(others).toEqual([]);
  expect(workgroups).toBeGreaterThanOrEqual(least);
});

it.each([
  [384, 1536],
  [1536, 384],
])(
  "makes vit's layers of 197 tokens and %i x %i weights by 96 workgroups or more, as their input gradients",
  (inner, columns) => {
    const graph = new Graph();
    const [x, w, dy] = [
      graph.input('x', [197, inner]),
      graph.input('w', [inner, columns]),
      graph.input('dy', [197, columns]),
    ];
    for (const product of [matmul(x, w), matmul(dy, transpose(w, 0, 1))]) {
      const [workgroups, ...others] = workgroupsOf(graph, product);
      expect(others).toEqual([]);
      expect(workgroups).toBeGreaterThanOrEqual(96);
    }
  },
);

it('leaves products of many outputs to tiles in workgroup memory', () => {
  const graph = new Graph();
  const results = new Map([['y', matmul(graph.input('a', [256, 512]), graph.input('b', [512, 512]))]]);
  const [call] = planProgram({ name: 'product', graph, results }, gpu).calls;
  expect(call?.entryPoint).toBe('matmul_staged');
});
