// Order, places and products along an axis against plain loops: ties, zeros, odd sizes and what is not a number.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import { sizeOf, type Shape, type Tensor } from '../../../src/engine/graph/tensor';
import { argmax } from '../../../src/engine/ops/argmax';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { product } from '../../../src/engine/ops/product';
import { sort, topk } from '../../../src/engine/ops/sort';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** Calls `visit` for each line along the axis with the flat positions of its entries. */
function eachLine(shape: Shape, axis: number, visit: (places: number[], line: number) => void): void {
  const size = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  for (let line = 0; line < sizeOf(shape) / size; line++) {
    const start = Math.floor(line / inner) * size * inner + (line % inner);
    visit(
      Array.from({ length: size }, (_, k) => start + k * inner),
      line,
    );
  }
}

/** The first `count` entries of each line by a stable sort, laid out like the op's outputs. */
function ordered(x: Float64Array, shape: Shape, axis: number, count: number, sign: number) {
  const inner = sizeOf(shape.slice(axis + 1));
  const values = new Float64Array((x.length / shape[axis]!) * count);
  const indices = new Float64Array(values.length);
  eachLine(shape, axis, (places, line) => {
    const order = places.map((_, k) => k).sort((a, b) => sign * (x[places[a]!]! - x[places[b]!]!) || a - b);
    for (let k = 0; k < count; k++) {
      const at = (Math.floor(line / inner) * count + k) * inner + (line % inner);
      indices[at] = order[k]!;
      values[at] = x[places[order[k]!]!]!;
    }
  });
  return { values, indices };
}

const coarse = { x: (value: number) => Math.round(value * 8) };

describe('sort', () => {
  it.each([
    [[1, 1], 1],
    [[7, 65], 1],
    [[2, 257], -1],
    [[3, 7, 4], 1],
  ] as [Shape, number][])('keeps equal entries of %j in their order along axis %d', async (shape, axis) => {
    for (const sign of [1, -1]) {
      await expectReference(device, {
        inputs: { x: shape },
        values: coarse,
        body: (_graph, { x }) => sort(x!, axis, sign < 0),
        reference: ({ x }) => ordered(x!, shape, axis === -1 ? 1 : axis, shape.at(axis)!, sign),
        tolerance: 0,
      });
    }
  });

  it('sends the gradient of the values to where they came from', async () => {
    await expectReference(device, {
      inputs: { x: [5, 7, 3] },
      body: (_graph, { x }) => ({
        all: sort(x!, 1).values,
        best: topk(x!, 3, 1).values,
        least: topk(x!, 2, 1, false).values,
      }),
      reference: ({ x }) => ({
        all: ordered(x!, [5, 7, 3], 1, 7, 1).values,
        best: ordered(x!, [5, 7, 3], 1, 3, -1).values,
        least: ordered(x!, [5, 7, 3], 1, 2, 1).values,
      }),
      gradients: ['x'],
    });
  });

  it('lets pointwise neighbours join', async () => {
    await expectReference(device, {
      inputs: { x: [3, 8] },
      body: (_graph, { x }) => ({ y: multiply(topk(multiply(x!, 2), 3).values, 0.5) }),
      reference: ({ x }) => ({ y: ordered(x!, [3, 8], 1, 3, -1).values }),
      gradients: ['x'],
    });
  });

  it('takes zeros of both signs as equal, and infinities and NaN as ends', async () => {
    const data = Float32Array.of(0, NaN, -Infinity, -0, 5, Infinity, -1);
    for (const { name, target } of targets(device)) {
      const { outputs } = await runGraph(device, target, { x: { shape: [7], data } }, (_graph, { x }) => ({
        up: sort(x!).indices,
        down: sort(x!, 0, true).indices,
      }));
      expect([...outputs['up']!], name).toEqual([2, 6, 0, 3, 4, 5, 1]);
      expect([...outputs['down']!], name).toEqual([1, 5, 4, 0, 3, 6, 2]);
    }
  });

  it('says how many entries there are to take', () => {
    const x = new Graph().input('x', [3, 5]);
    expect(() => topk(x, 6)).toThrow('sort: 1 to 5 entries of axis 1 of [3, 5] wanted, k is 6');
    expect(() => topk(x, 0)).toThrow('k is 0');
  });
});

describe('argmax', () => {
  it.each([
    [[1, 1], 1],
    [[65, 7], 1],
    [[3, 260], 1],
    [[3, 13, 8], 1],
    [[257, 2], 0],
  ] as [Shape, number][])('finds the first of the largest of %j along axis %d', async (shape, axis) => {
    await expectReference(device, {
      inputs: { x: shape },
      values: coarse,
      body: (_graph, { x }) => ({ y: argmax(x!, axis) }),
      reference({ x }) {
        const y = new Float64Array(x!.length / shape[axis]!);
        eachLine(shape, axis, (places, line) => {
          const values = places.map((at) => x![at]!);
          y[line] = values.indexOf(Math.max(...values));
        });
        return { y };
      },
      tolerance: 0,
    });
  });
});

describe('product', () => {
  const multiplied = (x: Float64Array, shape: Shape, axis: number): Float64Array => {
    const y = new Float64Array(x.length / shape[axis]!);
    eachLine(shape, axis, (places, line) => (y[line] = places.reduce((all, at) => all * x[at]!, 1)));
    return y;
  };
  it.each([
    [[1, 1], 1],
    [[65, 7], 1],
    [[3, 7, 5], 1],
    [[9, 4], 0],
  ] as [Shape, number][])('multiplies %j along axis %d', async (shape, axis) => {
    await expectReference(device, {
      inputs: { x: shape },
      values: { x: (value) => 1.5 + value },
      body: (_graph, { x }) => ({ y: product(x!, axis) }),
      reference: ({ x }) => ({ y: multiplied(x!, shape, axis) }),
      gradients: ['x'],
    });
  });

  it('has the right gradient where one factor or two are 0', async () => {
    const shape = [3, 4];
    await expectReference(device, {
      inputs: { x: shape },
      // No zero in the first row, one in the second, two in the third.
      values: { x: (value, index) => (index === 5 || index === 8 || index === 11 ? 0 : 1.5 + value) },
      body: (_graph, { x }): Record<string, Tensor> => ({ y: product(x!, 1) }),
      reference: ({ x }) => ({ y: multiplied(x!, shape, 1) }),
      gradients: ['x'],
    });
  });
});
