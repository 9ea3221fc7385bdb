// Running sums along one axis: y[k] = Σ_{i ≤ k} x[i]; dx is the same from the other end.
import { add, quotient, remainder, scale, variable } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, sizeOf, type Tensor } from '../graph/tensor';
import { flip } from './view';

interface Attributes {
  readonly axis: number;
}

const cumulativeSumOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'cumulativeSum',
  kind: 'kernel',
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  gradient: ({ attributes: { axis }, gradients: [dy] }) => [flip(cumulativeSum(flip(dy as Tensor, axis), axis), axis)],
  lower(lowering, [input], { axis }, [y]) {
    const x = input as Tensor;
    const length = x.shape[axis] ?? 1;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const lines = x.size / length;
    const builder = lowering.kernel('cumulative_sum');
    const line = variable('ix', lines);
    const start = add(scale(quotient(line, inner), inner * length), remainder(line, inner));
    builder.line('var sum = 0.0;');
    builder.block(`for (var k = 0u; k < ${builder.bound(length)}; k++)`, () => {
      const at = add(start, scale(variable('k', length), inner));
      builder.line(`sum += ${builder.load(x, at)};`);
      builder.store([[y as Tensor, builder.let('sum')]], at);
    });
    return [builder.finish({ x: lines }, x.size)];
  },
});

/** Running sums along one axis, as torch.cumsum. One invocation walks each line. */
export function cumulativeSum(x: Tensor, axis: number): Tensor {
  return x.node.graph.one(cumulativeSumOp, [x], { axis: normalAxis(axis, x.shape.length) });
}
