// Sums over axes. Several sums over the same axes of equal shapes share one kernel and their prologues.
import { ShapeError } from '../graph/graph';
import { defineOp, type ReduceOp } from '../graph/op';
import { normalAxis, type Tensor } from '../graph/tensor';
import { multiply } from './arithmetic';
import { expand, reshape } from './view';

/** Axes are sorted and the output keeps them with size 1. */
export interface ReduceAttributes {
  readonly axes: readonly number[];
}

export const sumOp = defineOp<ReduceAttributes, ReduceOp<ReduceAttributes>>({
  name: 'sum',
  kind: 'reduce',
  type([input], { axes }) {
    if (!input) throw new ShapeError('an input is missing');
    return [{ shape: input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)), dtype: 'f32' }];
  },
  gradient: ({ inputs, gradients }) => [expand(gradients[0] as Tensor, (inputs[0] as Tensor).shape)],
});

/** Sum over the axes (all of them by default), summed in f32 in a fixed order. */
export function sum(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => axis), keepAxes = false): Tensor {
  const normal = axes.map((axis) => normalAxis(axis, x.shape.length)).sort((a, b) => a - b);
  const folded = normal.filter((axis) => x.shape[axis] !== 1);
  const kept = folded.length === 0 ? x : x.node.graph.one(sumOp, [x], { axes: folded });
  return keepAxes
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, axis) => !normal.includes(axis)),
      );
}

/** Mean over the axes (all of them by default). */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => axis), keepAxes = false): Tensor {
  const count = axes.reduce((product, axis) => product * (x.shape[normalAxis(axis, x.shape.length)] ?? 1), 1);
  return multiply(sum(x, axes, keepAxes), 1 / count);
}
