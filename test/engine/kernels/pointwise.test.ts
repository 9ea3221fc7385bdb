// Pointwise kernels that walk from row to row on CPUs: what they give, and what they read how often.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetOf } from '../../../src/engine/device/adapter';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { relu } from '../../../src/engine/ops/activation';
import { add, multiplyAdd, subtract } from '../../../src/engine/ops/arithmetic';
import { expand } from '../../../src/engine/ops/reduce';
import { pad, permute, reshape } from '../../../src/engine/ops/view';
import { planProgram } from '../../../src/engine/passes/plan';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { runGraph, type Value } from '../../helpers/runGraph';

type Body = (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

const channels: Body = ({ x, scale, shift }) => ({ y: multiplyAdd(x!, scale!, shift!) });

/** A scale and a shift for each channel of a picture, and others that it is read across, cut and padded. */
const cases: readonly (readonly [string, Shapes, Body])[] = [
  ['channels last', { x: [2, 32, 32, 64], scale: [64], shift: [64] }, channels],
  ['few channels', { x: [2, 64, 64, 8], scale: [8], shift: [8] }, channels],
  ['channels and columns', { x: [16, 64, 32], scale: [64, 32], shift: [32] }, channels],
  [
    'two results, one with the other in it',
    { x: [1024, 64], scale: [64], shift: [64] },
    ({ x, scale, shift }) => {
      const y = relu(multiplyAdd(x!, scale!, shift!));
      return { y, z: subtract(y, x!) };
    },
  ],
  [
    'read across and padded',
    { x: [64, 30, 32], scale: [64], shift: [64] },
    ({ x, scale, shift }) => ({
      y: multiplyAdd(
        permute(pad(x!, 1, 1, 1), [1, 2, 0]),
        scale!,
        add(expand(reshape(shift!, [1, 1, 64]), [32, 32, 64]), 1),
      ),
    }),
  ],
];

function units(shapes: Shapes, body: Body, target: Target): number[] {
  const graph = new Graph();
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
  const results = new Map(Object.entries(body(inputs)));
  const { calls } = planProgram({ name: 'pointwise', graph, results }, target);
  return calls.map(({ workgroups: [x, y, z], source }) => {
    const size = Number(/@workgroup_size\((\d+)/.exec(source)?.[1]);
    return x * y * z * size;
  });
}

describe('on a CPU an invocation', () => {
  const cpu: Target = { ...defaultTarget, software: true };
  it('walks over sixteen rows, for which it reads a channel once', () => {
    const [, shapes, body] = cases[0]!;
    expect(units(shapes, body, cpu)).toEqual([2048]);
    expect(units(shapes, body, { ...cpu, software: false })).toEqual([32768]);
  });
  it('makes four neighbours where rows have too little in common, are few or too many to share out', () => {
    const sum: Body = ({ x, shift }) => ({ y: add(x!, shift!) });
    expect(units({ x: [2048, 64], shift: [64] }, sum, cpu)).toEqual([32768]);
    expect(units({ x: [128, 64], scale: [64], shift: [64] }, channels, cpu)).toEqual([2048]);
    expect(units({ x: [1031, 64], scale: [64], shift: [64] }, channels, cpu)).toEqual([16512]);
  });
});

describe('gives the same from row to row as element by element', () => {
  let device: GPUDevice;
  beforeAll(async () => ({ device } = await openDevice()));
  afterAll(() => device.destroy());

  it.each(cases)('%s', async (_name, shapes, body) => {
    const inputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]): [string, Value] => {
        const size = shape.reduce((product, one) => product * one, 1);
        return [name, { shape, data: Float32Array.from(hashValues(name, size)) }];
      }),
    );
    const run = async (software: boolean) => {
      const target = { ...targetOf(device, true), software };
      return (await runGraph(device, target, inputs, (_graph, given) => body(given))).outputs;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
