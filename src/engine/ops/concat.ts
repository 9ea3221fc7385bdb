// Tensors joined along an axis: a view like the others, but for what takes more pieces than a kernel binds.
import { ShapeError } from '../graph/graph';
import { add, constant, coordinates, flatten } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { ViewOp } from '../graph/tensor';
import { normalAxis, shapeText, type Tensor, type TensorType } from '../graph/tensor';
import { copy } from './arithmetic';
import { slice } from './view';

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new ShapeError('an input is missing');
  return one;
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
  places(index, input, inputs, { axis }, output) {
    const there = coordinates(index, (inputs[input] as Tensor).shape);
    const start = inputs.slice(0, input).reduce((sum, one) => sum + (one.shape[axis] ?? 0), 0);
    there[axis] = add(there[axis] ?? constant(0), constant(start));
    return flatten(there, output.shape);
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
export const MOST_PIECES = 4;

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
