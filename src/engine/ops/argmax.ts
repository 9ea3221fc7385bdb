// Place of the largest entry along one axis, the first of equal ones. No gradient.
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, type Tensor } from '../graph/tensor';
import { linesOf } from '../kernels/lines';
import { reshape } from './view';

interface Attributes {
  readonly axis: number;
}

const argmaxOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'argmax',
  kind: 'kernel',
  type: ([x], { axis }) => [{ shape: (x?.shape ?? []).map((size, k) => (k === axis ? 1 : size)), dtype: 'u32' }],
  gradient: () => [null],
  lower(lowering, [input], { axis }, [y]) {
    const x = input as Tensor;
    const size = x.shape[axis] ?? 1;
    const { kernel, at, place } = linesOf(lowering, 'argmax', x, axis);
    const { builder, lanes, rowLanes } = kernel;
    const type = lanes === 4 ? 'vec4<f32>' : 'f32';
    const [largest = ''] = kernel.fold(['max'], (k) => [builder.load(x, at(k), lanes)]);
    // The entries from the first largest one to the end; a whole number below 2²⁴, exact in f32.
    const [left = ''] = kernel.fold(['max'], (k) => {
      const equal = `${builder.load(x, at(k), lanes)} == ${type}(${largest})`;
      return [builder.let(`select(${type}(0.0), ${size}.0 - ${type}(${place(k)}), ${equal})`)];
    });
    const unsigned = rowLanes === 4 ? 'vec4<u32>' : 'u32';
    // Nothing equals the largest entry of a line of NaN.
    const first = builder.let(
      `${unsigned}(${size}u) - clamp(${unsigned}(${left}), ${unsigned}(1u), ${unsigned}(${size}u))`,
    );
    kernel.once(() => builder.store([[y as Tensor, first]], kernel.row, rowLanes));
    return [kernel.finish(2 * x.size)];
  },
});

/** Place of the largest entry along one axis (u32), as torch.argmax; the first of equal ones. */
export function argmax(x: Tensor, axis = -1, keepAxis = false): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  const y = x.node.graph.one(argmaxOp, [x], { axis: normal });
  const shape = x.shape.filter((_, k) => k !== normal);
  return keepAxis ? y : reshape(y, shape);
}
