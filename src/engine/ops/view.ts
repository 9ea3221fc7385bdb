// Views: reshape, permute, expand, slice, pad, flip and concat move no data; their readers look elsewhere.
import { ShapeError } from '../graph/graph';
import { add, constant, coordinates, flatten, scale, type Index } from '../graph/indexing';
import { defineOp, type ViewOp } from '../graph/op';
import { normalAxis, sameShape, shapeText, sizeOf, type Shape, type Tensor, type TensorType } from '../graph/tensor';
import { copy } from './arithmetic';
import { sum } from './reduce';

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

const expandOp = defineOp<{ shape: Shape }, ViewOp<{ shape: Shape }>>({
  name: 'expand',
  kind: 'view',
  type(inputs, { shape }) {
    const { shape: from, dtype } = first(inputs);
    if (from.length !== shape.length || from.some((size, axis) => size !== 1 && size !== shape[axis])) {
      throw new ShapeError(`${shapeText(from)} cannot be expanded to ${shapeText(shape)}`);
    }
    return [{ shape, dtype }];
  },
  pieces(index, inputs, _attributes, output) {
    const from = first(inputs).shape;
    const here = coordinates(index, output.shape).map((at, axis) => (from[axis] === 1 ? constant(0) : at));
    return [{ input: 0, index: flatten(here, from) }];
  },
  gradient({ inputs, attributes: { shape }, gradients }) {
    const from = first(inputs).shape;
    const axes = shape.flatMap((size, axis) => (from[axis] === 1 && size !== 1 ? [axis] : []));
    return [sum(first(gradients) as Tensor, axes, true)];
  },
});

/** Repeats axes of size 1; missing leading axes are added first, as torch's broadcasting does. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const padded = reshape(x, [...Array<number>(Math.max(0, shape.length - x.shape.length)).fill(1), ...x.shape]);
  return sameShape(padded.shape, shape) ? padded : x.node.graph.one(expandOp, [padded], { shape });
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

interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}
const padOp = defineOp<Padding, ViewOp<Padding>>({
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

const concatOp = defineOp<{ axis: number }, ViewOp<{ axis: number }>>({
  name: 'concat',
  kind: 'view',
  type(inputs, { axis }) {
    const { shape, dtype } = first(inputs);
    const fits = (one: TensorType): boolean =>
      one.shape.length === shape.length && one.shape.every((size, k) => k === axis || size === shape[k]);
    const odd = inputs.find((one) => !fits(one));
    if (odd) throw new ShapeError(`${shapeText(odd.shape)} does not join ${shapeText(shape)} along axis ${axis}`);
    const total = inputs.reduce((size, one) => size + (one.shape[axis] ?? 0), 0);
    return [{ shape: shape.map((n, k) => (k === axis ? total : n)), dtype }];
  },
  pieces(index, inputs, { axis }, output) {
    let start = 0;
    return inputs.map((one, input) => {
      const here = coordinates(index, output.shape);
      const at = here[axis] ?? constant(0);
      const low = start;
      start += one.shape[axis] ?? 0;
      here[axis] = add(at, constant(-low));
      return { input, index: flatten(here, one.shape), guard: { at, low, high: start } };
    });
  },
  gradient({ inputs, attributes: { axis }, gradients }) {
    let start = 0;
    return inputs.map((one) => {
      const size = one.shape[axis] ?? 0;
      start += size;
      return slice(first(gradients) as Tensor, axis, start - size, size);
    });
  },
});

/** More inputs than this are joined in several steps: a kernel binds few buffers. */
const MOST_PIECES = 4;

/** Tensors one after the other along an axis, as torch.cat. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  const head = first(inputs);
  if (inputs.length === 1) return head;
  if (inputs.length > MOST_PIECES) {
    const joined: Tensor[] = [];
    for (let k = 0; k < inputs.length; k += MOST_PIECES)
      joined.push(copy(concat(inputs.slice(k, k + MOST_PIECES), axis)));
    return concat(joined, axis);
  }
  return head.node.graph.one(concatOp, inputs, { axis: normalAxis(axis, head.shape.length) });
}
