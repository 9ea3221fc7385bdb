// Cross-entropy against a float64 loop: any class axis, weights, smoothing, ignored targets and large logits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import { sizeOf, type Shape } from '../../../src/engine/graph/tensor';
import { crossEntropy } from '../../../src/engine/ops/crossEntropy';
import { crossEntropy as reducedCrossEntropy } from '../../../src/losses/crossEntropy';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

interface Layout {
  readonly shape: Shape;
  readonly axis: number;
}

/** Calls `visit` for each line with the flat position of its class k. */
function eachLine({ shape, axis }: Layout, visit: (line: number, at: (k: number) => number) => void): void {
  const classes = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  for (let line = 0; line < sizeOf(shape) / classes; line++) {
    visit(line, (k) => (Math.floor(line / inner) * classes + k) * inner + (line % inner));
  }
}

/** −Σ q log softmax(x) per line. */
function reference(x: Float64Array, layout: Layout, q: (line: number, k: number, at: number) => number): Float64Array {
  const classes = layout.shape[layout.axis]!;
  const losses = new Float64Array(x.length / classes);
  eachLine(layout, (line, at) => {
    let largest = -Infinity;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, x[at(k)]!);
    let total = 0;
    for (let k = 0; k < classes; k++) total += Math.exp(x[at(k)]! - largest);
    for (let k = 0; k < classes; k++) {
      losses[line]! += q(line, k, at(k)) * (largest + Math.log(total) - x[at(k)]!);
    }
  });
  return losses;
}

/** Class numbers; every third line is ignored where a number for that is given. */
function classNumbers(lines: number, classes: number, ignored?: number): Uint32Array {
  return Uint32Array.from({ length: lines }, (_, line) =>
    ignored !== undefined && line % 3 === 1 ? ignored : (line * 7 + 3) % classes,
  );
}

describe('crossEntropy', () => {
  const layouts: [Shape, number, number][] = [
    [[1, 1], 1, 0],
    [[7, 5], 1, 0],
    [[65, 257], 1, 0],
    [[3, 64], 1, 500],
    [[2, 7, 3, 4], 1, 0],
    [[17, 2, 3], 0, 0],
  ];
  it.each(layouts)('of %j with classes on axis %d at offset %d', async (shape, axis, offset) => {
    const lines = shape.filter((_, k) => k !== axis);
    const targets = classNumbers(sizeOf(lines), shape[axis]!);
    await expectReference(device, {
      inputs: { x: shape },
      values: { x: (value) => 4 * value + offset },
      body: (graph, { x }) => ({ y: crossEntropy(x!, graph.constant(targets, lines), { axis }).loss }),
      reference: ({ x }) => ({ y: reference(x!, { shape, axis }, (line, k) => (targets[line] === k ? 1 : 0)) }),
      gradients: ['x'],
      gradientTolerance: offset > 0 ? 1e-4 : 2e-5,
    });
  });

  it.each([
    [[9, 5], 1],
    [[9, 64], 1],
    [[2, 5, 8], 1],
  ] as [Shape, number][])('weighs, smooths and ignores, %j', async (shape, axis) => {
    const classes = shape[axis]!;
    const lines = shape.filter((_, k) => k !== axis);
    const targets = classNumbers(sizeOf(lines), classes, -100);
    const weights = Float32Array.from({ length: classes }, (_, k) => 0.25 + (k % 4));
    const ignored = (line: number): boolean => targets[line] === 2 ** 32 - 100;
    await expectReference(device, {
      inputs: { x: shape },
      values: { x: (value) => 4 * value },
      body: (graph, { x }) => {
        const weight = graph.constant(weights, [classes]);
        const options = { axis, weight, labelSmoothing: 0.1, ignoreIndex: -100 };
        const target = graph.constant(targets, lines);
        const { loss, weight: counted } = crossEntropy(x!, target, options);
        return { loss, counted, mean: reducedCrossEntropy(x!, target, options) };
      },
      reference({ x }) {
        const q = (line: number, k: number): number =>
          ignored(line) ? 0 : weights[k]! * ((targets[line] === k ? 0.9 : 0) + 0.1 / classes);
        const loss = reference(x!, { shape, axis }, q);
        const counted = Float64Array.from(targets, (target, line) => (ignored(line) ? 0 : weights[target]!));
        const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
        return { loss, counted, mean: Float64Array.of(sum(loss) / sum(counted)) };
      },
      gradients: ['x'],
      differentiated: ['loss', 'mean'],
    });
  });

  it.each([
    [[9, 5], 1],
    [[3, 12], 1],
    [[2, 5, 8], 1],
  ] as [Shape, number][])('takes distributions as targets, %j', async (shape, axis) => {
    await expectReference(device, {
      inputs: { x: shape, target: shape },
      values: { x: (value) => 4 * value, target: (value) => value + 1 },
      body: (_graph, { x, target }) => ({ y: crossEntropy(x!, target!, { axis, labelSmoothing: 0.2 }).loss }),
      reference: ({ x, target }) => ({
        y: reference(x!, { shape, axis }, (_line, _k, at) => 0.8 * target![at]! + 0.2 / shape[axis]!),
      }),
      gradients: ['x'],
    });
  });

  it('is 0 with gradient 0 where every target is ignored', async () => {
    await expectReference(device, {
      inputs: { x: [3, 4] },
      body: (graph, { x }) => {
        const target = graph.constant(Uint32Array.of(9, 9, 9), [3]);
        return { y: reducedCrossEntropy(x!, target, { ignoreIndex: 9 }) };
      },
      reference: () => ({ y: Float64Array.of(0) }),
      gradients: ['x'],
    });
  });

  it('says which targets and weights it wanted', () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 5, 3]);
    const wrong = graph.input('wrong', [2, 5], 'u32');
    expect(() => crossEntropy(x, wrong)).toThrow('class numbers [2, 3] for logits [2, 5, 3] with classes on axis 1');
    expect(() => crossEntropy(x, wrong)).toThrow('[2, 5] came');
    expect(() => crossEntropy(x, graph.input('soft', [2, 3]))).toThrow('distributions [2, 5, 3]');
    const target = graph.input('target', [2, 3], 'u32');
    const weight = graph.input('weight', [3]);
    expect(() => crossEntropy(x, target, { weight })).toThrow('class weights [5] wanted, [3] came');
  });
});
