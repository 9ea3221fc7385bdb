// Largest and smallest entries along axes; equal extremes share the gradient evenly, as torch.amax and torch.amin.
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, type Tensor } from '../graph/tensor';
import { linesOf } from '../kernels/lines';
import { divide, greaterEqual, multiply, negate } from './arithmetic';
import { sum } from './reduce';
import { reshape } from './view';

interface Attributes {
  readonly axis: number;
}

const maxOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'max',
  kind: 'kernel',
  type: ([x], { axis }) => [{ shape: (x?.shape ?? []).map((size, k) => (k === axis ? 1 : size)), dtype: 'f32' }],
  gradient({ inputs: [x], outputs: [y], attributes: { axis }, gradients: [dy] }) {
    const largest = greaterEqual(x as Tensor, y as Tensor);
    return [multiply(largest, divide(dy as Tensor, sum(largest, [axis], true)))];
  },
  lower(lowering, [input], { axis }, [y]) {
    const x = input as Tensor;
    const { kernel, at } = linesOf(lowering, 'largest', x, axis);
    const [value = ''] = kernel.fold(['max'], (k) => [kernel.builder.load(x, at(k), kernel.lanes)]);
    kernel.once(() => kernel.builder.store([[y as Tensor, value]], kernel.row, kernel.rowLanes));
    return [kernel.finish(x.size)];
  },
});

/** Largest entry along the axes (all of them by default). */
export function max(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => axis), keepAxes = false): Tensor {
  const normal = axes.map((axis) => normalAxis(axis, x.shape.length));
  const kept = normal.reduce((y, axis) => y.node.graph.one(maxOp, [y], { axis }), x);
  const shape = x.shape.filter((_, axis) => !normal.includes(axis));
  return keepAxes ? kept : reshape(kept, shape);
}

/** Smallest entry along the axes (all of them by default). */
export function min(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  return negate(max(negate(x), axes, keepAxes));
}
