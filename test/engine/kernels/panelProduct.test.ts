// Products whose lanes hold a panel of an operand: edges of every axis, long and short sums, convolutions.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Along } from '../../../src/engine/kernels/operand';
import { panelOf, panelsOf } from '../../../src/engine/kernels/panels';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { add } from '../../../src/engine/ops/arithmetic';
import { convolution } from '../../../src/engine/ops/convolution';
import { matmul } from '../../../src/engine/ops/matmul';
import { permute, transpose } from '../../../src/engine/ops/view';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { runGraph, type Value } from '../../helpers/runGraph';

let device: GPUDevice;
let target: Target;
beforeAll(async () => {
  ({ device } = await openDevice());
  target = targetOf(device, isSoftware(device.adapterInfo));
});
afterAll(() => device.destroy());

type Body = (inputs: Readonly<Record<string, Tensor>>) => Tensor;

function values(shapes: Readonly<Record<string, readonly number[]>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, one) => product * one, 1);
      return [name, { shape, data: Float32Array.from(hashValues(name, size)) }];
    }),
  );
}

/** Output and gradients where products take the way `way` if they can, and how many could. */
async function results(
  inputs: Record<string, Value>,
  body: Body,
  way: string,
  gradients: readonly string[] = [],
): Promise<{ all: Record<string, Float32Array>; panels: number }> {
  let panels = 0;
  const choose = (_key: string, variants: readonly string[]): string | undefined => {
    if (way === '1x4') return variants.find((one) => one === way) ?? '1x1';
    if (variants.includes(way)) panels++;
    return way;
  };
  const flow = { y: Float32Array.from(hashValues('flow', outputSize(inputs, body))) };
  const traced = (_graph: Graph, given: Readonly<Record<string, Tensor>>): { y: Tensor } => ({ y: body(given) });
  const run = await runGraph(device, { ...target, choose }, inputs, traced, flow, gradients);
  const named = Object.entries(run.gradients).map(([name, data]) => [`d${name}`, data]);
  return { all: { ...run.outputs, ...Object.fromEntries(named) }, panels };
}

function outputSize(inputs: Readonly<Record<string, Value>>, body: Body): number {
  const graph = new Graph();
  return body(Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, graph.input(name, shape)])))
    .size;
}

/** Expects what plain tiles give, whichever operand is held. */
async function expectSame(
  shapes: Readonly<Record<string, readonly number[]>>,
  body: Body,
  gradients: readonly string[] = [],
): Promise<void> {
  const inputs = values(shapes);
  const { all: wanted } = await results(inputs, body, '1x4', gradients);
  for (const held of ['right', 'left']) {
    const { all, panels } = await results(inputs, body, `panel of the ${held}`, gradients);
    const able = target.software && target.subgroupSize >= 4 && target.subgroupSize <= 16;
    if (able) expect(panels, `kernels that hold the ${held}`).toBeGreaterThan(0);
    for (const [name, want] of Object.entries(wanted)) {
      const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const worst = want.reduce((most, value, k) => Math.max(most, Math.abs(value - all[name]![k]!)), 0);
      expect(worst, `${name}, the ${held} held`).toBeLessThan(1e-5 * largest);
    }
  }
}

const product: Body = ({ a, b }) => matmul(a!, b!);

describe('panels give what tiles give', () => {
  it('where every axis is whole', () => expectSame({ a: [64, 64], b: [64, 64] }, product));
  it('where rows, columns and terms end in the middle', () => expectSame({ a: [45, 50], b: [50, 54] }, product));
  it('for batches with something fused behind', () =>
    expectSame({ a: [3, 33, 20], b: [3, 20, 36] }, ({ a, b }) => add(matmul(a!, b!), 1)));
  it('for operands that lie across', () =>
    expectSame({ a: [100, 40], b: [40, 100] }, ({ a, b }) => matmul(transpose(a!, 0, 1), transpose(b!, 0, 1))));
  it('where few outputs sum over so much that it is shared out', () =>
    expectSame({ a: [32, 4100], b: [4100, 32] }, product));
  it('for convolutions with padding and a stride, and their gradients', () =>
    expectSame(
      { x: [2, 11, 9, 20], w: [36, 20, 3, 3] },
      ({ x, w }) => convolution(x!, w!, null, { padding: 1, stride: 2, channels: 'last' }),
      ['x', 'w'],
    ));
  it('for pictures whose channels lie first, read as if they lay last', () =>
    expectSame(
      { x: [2, 20, 11, 9], w: [36, 20, 3, 3] },
      ({ x, w }) => convolution(permute(x!, [0, 2, 3, 1]), w!, null, { padding: [1, 2], channels: 'last' }),
      ['w'],
    ));
  it('for channels that are no multiple of four', () =>
    expectSame({ x: [1, 12, 12, 3], w: [32, 3, 3, 3] }, ({ x, w }) =>
      convolution(x!, w!, null, { padding: 1, channels: 'last' }),
    ));
});

it('keeps what is not finite in its row and column', async () => {
  // The last run of terms is not whole: beside it lie the next row of the one and the next batch of the other.
  const inputs = values({ a: [2, 32, 50], b: [2, 50, 32] });
  inputs['a']!.data[50 * 3 + 49] = Infinity;
  inputs['a']!.data[50 * 6] = Infinity;
  for (let k = 0; k < 32 * 16; k++) inputs['b']!.data[50 * 32 + k] = Infinity;
  for (const held of ['right', 'left']) {
    const { all } = await results(inputs, product, `panel of the ${held}`);
    all['y']!.subarray(0, 32 * 32).forEach((value, k) => {
      const row = Math.floor(k / 32);
      expect(Math.abs(value) < Infinity, `row ${row}, the ${held} held`).toBe(row !== 3 && row !== 6);
    });
  }
});

describe('the layout of a panel', () => {
  const sizeOf = (batch: number, rows: number, columns: number, length: number, taps: number[] = []) => ({
    ...{ batch, rows, columns },
    inner: { taps, length },
  });
  const sizes = [
    sizeOf(1, 1024, 1024, 1024),
    sizeOf(6, 400, 64, 384),
    sizeOf(1, 288, 64, 56, [8, 56]),
    sizeOf(1, 17, 33, 50),
    sizeOf(1, 3136, 64, 3, [3, 3]),
  ];
  it.each([4, 8, 16])('covers every term once and fits workgroup memory with %i lanes', (subgroupSize) => {
    for (const size of sizes) {
      const total = size.inner.taps.reduce((all, one) => all * one, size.inner.length);
      for (const held of ['left', 'right'] as const) {
        const panel = panelOf(size, { ...defaultTarget, software: true, subgroupSize }, held, Infinity);
        if (!panel) continue;
        const { terms, steps, walk, chunks } = panel;
        expect(terms % 4).toBe(0);
        expect(terms * steps).toBeGreaterThanOrEqual(total);
        expect(terms * (steps - 1)).toBeLessThan(total);
        expect(walk * subgroupSize * 16).toBeLessThanOrEqual(16384);
        // No chunk is empty.
        expect(Math.ceil(steps / chunks) * (chunks - 1)).toBeLessThan(steps);
      }
    }
  });
  it('is first that of the operand whose partner is read faster', () => {
    const software = { ...defaultTarget, software: true, subgroupSize: 8 };
    const first = (size: (typeof sizes)[number], left: Along, right: Along): string | undefined =>
      panelsOf(size, software, 1, { left, right })[0]?.held;
    const square = sizeOf(1, 384, 384, 384);
    expect(first(square, 'offset', 'own')).toBe('right');
    expect(first(square, 'own', 'offset')).toBe('left');
    // Rows of a tall operand lie far apart, where it lies across; few rows are soon walked.
    expect(first(sizeOf(1, 1536, 384, 400), 'own', 'own')).toBe('left');
    expect(first(sizeOf(1, 384, 1536, 400), 'own', 'own')).toBe('right');
    expect(first(sizeOf(1, 64, 1024, 1024), 'offset', 'offset')).toBe('left');
    expect(first(sizeOf(1, 1024, 64, 1024), 'offset', 'offset')).toBe('right');
  });
  it('is none on a GPU, without subgroups, or where most of it would be empty', () => {
    const software = { ...defaultTarget, software: true, subgroupSize: 8 };
    const [whole] = sizes as [(typeof sizes)[number]];
    expect(panelOf(whole, software, 'right', 1)).not.toBeNull();
    expect(panelOf(whole, { ...software, software: false }, 'right', 1)).toBeNull();
    expect(panelOf(whole, { ...software, subgroupSize: 0 }, 'right', 1)).toBeNull();
    expect(panelOf(sizeOf(1, 400, 10, 384), software, 'right', 1)).toBeNull();
    expect(panelOf(sizeOf(1, 4, 1024, 1024), software, 'right', 1)).toBeNull();
    expect(panelOf(sizeOf(1, 400, 64, 4), software, 'right', 1)).toBeNull();
  });
});
