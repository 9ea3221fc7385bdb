// A Mamba mixer has the parameters of mamba_ssm's Mamba, so that published checkpoints load by name.
import { expect, it } from 'vitest';
import type { ParameterAttributes } from '../../src/engine/graph/graph';
import { Graph } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import { mamba } from '../../src/layers/mamba';

it('registers the names and shapes of the upstream mixer', () => {
  const graph = new Graph();
  const y = mamba(new Parameters(graph), graph.input('x', [2, 9, 40]));
  expect(y.shape).toEqual([2, 9, 40]);
  const shapes = [...graph.parameters].map(([name, { shape }]) => [name, shape] as const);
  expect(Object.fromEntries(shapes)).toEqual({
    'in_proj.weight': [160, 40],
    'conv1d.weight': [80, 1, 4],
    'conv1d.bias': [80],
    'x_proj.weight': [35, 80],
    'dt_proj.weight': [80, 3],
    'dt_proj.bias': [80],
    A_log: [80, 16],
    D: [80],
    'out_proj.weight': [40, 80],
  });
});

it('starts with step sizes from 0.001 to 0.1', () => {
  const graph = new Graph();
  mamba(new Parameters(graph), graph.input('x', [1, 3, 64]));
  const { initializer } = graph.parameters.get('dt_proj.bias')!.node.attributes as ParameterAttributes;
  const steps = Array.from((initializer as { data: Float32Array }).data, (bias) => Math.log1p(Math.exp(bias)));
  expect(steps[0]).toBeCloseTo(0.001, 3);
  expect(steps.at(-1)).toBeCloseTo(0.1, 2);
});
