// Copies that are spared: what is only permuted, reshaped or joined before it is stored, its maker writes there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import type { Shape, Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget } from '../../../src/engine/kernels/target';
import { relu } from '../../../src/engine/ops/activation';
import { add, copy, square } from '../../../src/engine/ops/arithmetic';
import { concat } from '../../../src/engine/ops/concat';
import { matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { permute, reshape, slice, transpose } from '../../../src/engine/ops/view';
import { planProgram } from '../../../src/engine/passes/plan';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';

type Body = (x: Tensor, w: Tensor) => Tensor;
const shapes: Readonly<Record<string, Shape>> = { x: [12, 20], w: [20, 24] };

const permuted: Body = (x, w) => copy(transpose(matmul(x, w), 0, 1));
const folded: Body = (x, w) => copy(permute(reshape(matmul(x, w), [3, 4, 2, 12]), [2, 0, 3, 1]));
const joined: Body = (x, w) => {
  const rows = (from: number, count: number) => matmul(slice(x, 0, from, count), w);
  return copy(concat([rows(0, 7), relu(rows(7, 5)), sum(w, [0], true)], 0));
};
/** More than a kernel could read, which \`concat\` joins in two steps. */
const joinedTwice: Body = (x, w) =>
  copy(
    concat(
      [0, 2, 4, 6, 8, 10].map((row) => matmul(slice(x, 0, row, 2), w)),
      0,
    ),
  );
const joinedColumns: Body = (x, w) => copy(concat([matmul(x, w), sum(x, [1], true), sum(square(x), [1], true)], 1));

function dispatches(body: Body, fusion = true): number {
  const graph = new Graph();
  const [x, w] = Object.entries(shapes).map(([name, shape]) => graph.input(name, shape)) as [Tensor, Tensor];
  const results = new Map([['y', body(x, w)]]);
  return planProgram({ name: 'copies', graph, results }, { ...defaultTarget, fusion }).calls.length;
}

describe('spared copies', () => {
  it('are those of what is permuted, reshaped or joined', () => {
    expect(dispatches(permuted)).toBe(1);
    expect(dispatches(permuted, false)).toBe(2);
    expect(dispatches(folded)).toBe(1);
    // The sum comes with a product over the same operand.
    expect(dispatches(joined)).toBe(2);
    expect(dispatches(joinedTwice)).toBe(6);
    expect(dispatches(joinedColumns)).toBe(2);
  });

  it('are none where something else reads it, where it comes twice, and past the end of uneven sizes', () => {
    expect(
      dispatches((x, w) => add(reshape(copy(transpose(matmul(x, w), 0, 1)), [288]), reshape(matmul(x, w), [288]))),
    ).toBe(2);
    const twice: Body = (x, w) => {
      const one = matmul(x, w);
      return copy(concat([one, one], 1));
    };
    expect(dispatches(twice)).toBe(2);
    expect(dispatches((x, w) => copy(transpose(matmul(slice(x, 0, 0, 3), slice(w, 1, 0, 5)), 0, 1)))).toBe(2);
  });
});

describe('what is written there', () => {
  let device: GPUDevice;
  beforeAll(async () => ({ device } = await openDevice()));
  afterAll(() => device.destroy());

  const values = (seed: number, size: number) =>
    Float32Array.from({ length: size }, (_, k) => Math.sin(seed + 1.7 * k));
  const inputs = {
    x: { shape: shapes.x!, data: values(1, 240) },
    w: { shape: shapes.w!, data: values(2, 480) },
  };
  /** A reader of a whole result must wait for its last part. */
  const readWhole: Body = (x, w) => add(matmul(joined(x, w), transpose(w, 0, 1)), 1);
  const readTwice: Body = (x, w) => add(matmul(joinedTwice(x, w), transpose(w, 0, 1)), 1);

  it.each(Object.entries({ permuted, folded, joined, joinedTwice, joinedColumns, readWhole, readTwice }))(
    'equals the copy: %s',
    async (_name, body) => {
      const results: Float32Array[] = [];
      for (const { target } of targets(device)) {
        const traced = (_: Graph, { x, w }: Readonly<Record<string, Tensor>>) => ({ y: body(x!, w!) });
        results.push((await runGraph(device, target, inputs, traced)).outputs.y!);
      }
      const [first, ...others] = results;
      for (const other of others) {
        expect(other.length).toBe(first!.length);
        other.forEach((value, k) => expect(value).toBeCloseTo(first![k]!, 4));
      }
    },
  );
});
