// Sums over axes and, what undoes them in a gradient, repeating along axes. Several sums over the same axes of equal shapes share one kernel and their prologues.
import { ShapeError } from '../graph/graph';
import { constant, coordinates, flatten } from '../graph/indexing';
import { defineOp } from '../graph/op';
import { normalAxis, sameShape, shapeText, type ReduceOp, type Shape, type Tensor, type ViewOp } from '../graph/tensor';
import { reshape } from './view';

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

const expandOp = defineOp<{ shape: Shape }, ViewOp<{ shape: Shape }>>({
  name: 'expand',
  kind: 'view',
  type(inputs, { shape }) {
    const { shape: from, dtype } = inputs[0] as Tensor;
    if (from.length !== shape.length || from.some((size, axis) => size !== 1 && size !== shape[axis])) {
      throw new ShapeError(`${shapeText(from)} cannot be expanded to ${shapeText(shape)}`);
    }
    return [{ shape, dtype }];
  },
  pieces(index, inputs, _attributes, output) {
    const from = (inputs[0] as Tensor).shape;
    const here = coordinates(index, output.shape).map((at, axis) => (from[axis] === 1 ? constant(0) : at));
    return [{ input: 0, index: flatten(here, from) }];
  },
  gradient({ inputs, attributes: { shape }, gradients }) {
    const from = (inputs[0] as Tensor).shape;
    const axes = shape.flatMap((size, axis) => (from[axis] === 1 && size !== 1 ? [axis] : []));
    return [sum(gradients[0] as Tensor, axes, true)];
  },
});

/** Repeats axes of size 1; missing leading axes are added first, as torch's broadcasting does. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const padded = reshape(x, [...Array<number>(Math.max(0, shape.length - x.shape.length)).fill(1), ...x.shape]);
  return sameShape(padded.shape, shape) ? padded : x.node.graph.one(expandOp, [padded], { shape });
}
