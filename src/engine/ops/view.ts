// Views: reshape, permute, expand, slice, pad, flip and concat move no data; their readers look elsewhere.
import { ShapeError } from '../graph/graph';
import { add, constant, coordinates, flatten, scale, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { ViewOp } from '../graph/tensor';
import { normalAxis, sameShape, shapeText, sizeOf, type Shape, type Tensor } from '../graph/tensor';

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new ShapeError('an input is missing');
  return one;
}

const reshapeOp = defineOp<{ shape: Shape }, ViewOp<{ shape: Shape }>>({
  name: 'reshape',
  kind: 'view',
  type(inputs, { shape }) {
    const { shape: from, dtype } = first(inputs);
    if (sizeOf(from) !== sizeOf(shape))
      throw new ShapeError(`${shapeText(from)} has not as many elements as ${shapeText(shape)}`);
    return [{ shape, dtype }];
  },
  pieces: (index) => [{ input: 0, index }],
  places: (index) => index,
  gradient: ({ inputs, gradients }) => [reshape(first(gradients) as Tensor, first(inputs).shape)],
});

/** The same elements in the same order under another shape; one size may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const full = shape.map((size) => (size === -1 ? x.size / known : size));
  return sameShape(full, x.shape) ? x : x.node.graph.one(reshapeOp, [x], { shape: full });
}

const permuteOp = defineOp<{ order: readonly number[] }, ViewOp<{ order: readonly number[] }>>({
  name: 'permute',
  kind: 'view',
  type(inputs, { order }) {
    const { shape, dtype } = first(inputs);
    if (order.length !== shape.length || new Set(order).size !== order.length) {
      throw new ShapeError(`order ${shapeText(order)} does not fit shape ${shapeText(shape)}`);
    }
    return [{ shape: order.map((axis) => shape[normalAxis(axis, shape.length)] ?? 1), dtype }];
  },
  pieces(index, inputs, { order }, output) {
    const here = coordinates(index, output.shape);
    const source: Index[] = [];
    order.forEach((axis, position) => (source[axis] = here[position] ?? constant(0)));
    return [{ input: 0, index: flatten(source, first(inputs).shape) }];
  },
  places(index, _input, inputs, { order }, output) {
    const there = coordinates(index, first(inputs).shape);
    return flatten(
      order.map((axis) => there[axis] as Index),
      output.shape,
    );
  },
  gradient({ attributes: { order }, gradients }) {
    const inverse: number[] = [];
    order.forEach((axis, position) => (inverse[axis] = position));
    return [permute(first(gradients) as Tensor, inverse)];
  },
});

/** Axes in a new order, as torch.permute. */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  return x.node.graph.one(permuteOp, [x], { order });
}

/** Two axes exchanged, as torch.transpose. */
export function transpose(x: Tensor, a: number, b: number): Tensor {
  const order = x.shape.map((_, axis) => axis);
  const from = normalAxis(a, order.length);
  const to = normalAxis(b, order.length);
  [order[from], order[to]] = [to, from];
  return permute(x, order);
}

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly size: number;
}
const sliceOp = defineOp<Range, ViewOp<Range>>({
  name: 'slice',
  kind: 'view',
  type(inputs, { axis, start, size }) {
    const { shape, dtype } = first(inputs);
    const full = shape[axis] ?? 0;
    if (start < 0 || size < 1 || start + size > full) {
      throw new ShapeError(`${start}:${start + size} is outside axis ${axis} of ${shapeText(shape)}`);
    }
    return [{ shape: shape.map((n, k) => (k === axis ? size : n)), dtype }];
  },
  pieces(index, inputs, { axis, start }, output) {
    const here = coordinates(index, output.shape);
    here[axis] = add(here[axis] ?? constant(0), constant(start));
    return [{ input: 0, index: flatten(here, first(inputs).shape) }];
  },
  gradient({ inputs, attributes: { axis, start, size }, gradients }) {
    const full = first(inputs).shape[axis] ?? 0;
    return [pad(first(gradients) as Tensor, axis, start, full - start - size)];
  },
});

/** Elements `start` … `start + size − 1` of one axis, as torch.narrow. */
export function slice(x: Tensor, axis: number, start: number, size: number): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  if (start === 0 && size === x.shape[normal]) return x;
  return x.node.graph.one(sliceOp, [x], { axis: normal, start, size });
}

export interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}
export const padOp = defineOp<Padding, ViewOp<Padding>>({
  name: 'pad',
  kind: 'view',
  type(inputs, { axis, before, after }) {
    const { shape, dtype } = first(inputs);
    return [{ shape: shape.map((n, k) => (k === axis ? n + before + after : n)), dtype }];
  },
  pieces(index, inputs, { axis, before }, output) {
    const from = first(inputs).shape;
    const here = coordinates(index, output.shape);
    const at = here[axis] ?? constant(0);
    here[axis] = add(at, constant(-before));
    return [{ input: 0, index: flatten(here, from), guard: { at, low: before, high: before + (from[axis] ?? 1) } }];
  },
  gradient({ inputs, attributes: { axis, before }, gradients }) {
    return [slice(first(gradients) as Tensor, axis, before, first(inputs).shape[axis] ?? 1)];
  },
});

/** Zeros before and after along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return x.node.graph.one(padOp, [x], { axis: normalAxis(axis, x.shape.length), before, after });
}

const flipOp = defineOp<{ axis: number }, ViewOp<{ axis: number }>>({
  name: 'flip',
  kind: 'view',
  type: (inputs) => [first(inputs)],
  pieces(index, _inputs, { axis }, output) {
    const here = coordinates(index, output.shape);
    here[axis] = add(constant((output.shape[axis] ?? 1) - 1), scale(here[axis] ?? constant(0), -1));
    return [{ input: 0, index: flatten(here, output.shape) }];
  },
  gradient: ({ attributes: { axis }, gradients }) => [flip(first(gradients) as Tensor, axis)],
});

/** One axis back to front, as torch.flip. */
export function flip(x: Tensor, axis: number): Tensor {
  return x.node.graph.one(flipOp, [x], { axis: normalAxis(axis, x.shape.length) });
}
