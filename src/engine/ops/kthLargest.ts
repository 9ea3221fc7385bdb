// The k-th largest entry of each row; equal entries count separately. No gradient.
import { ShapeError } from '../graph/graph';
import { add, scale, variable } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, type Tensor } from '../graph/tensor';

interface KthAttributes {
  readonly k: number;
}

/** Values kept in registers; longer lists want another algorithm. */
const MOST = 16;

const kthLargestOp = defineOp<KthAttributes, KernelOp<KthAttributes>>({
  name: 'kthLargest',
  kind: 'kernel',
  type([x], { k }) {
    const columns = x?.shape[x.shape.length - 1] ?? 0;
    if (!x || k < 1 || k > Math.min(columns, MOST)) {
      throw new ShapeError(`k is ${k}; rows of ${shapeText(x?.shape ?? [])} allow 1 to ${Math.min(columns, MOST)}`);
    }
    return [{ shape: [...x.shape.slice(0, -1), 1], dtype: 'f32' }];
  },
  gradient: () => [null],
  lower(lowering, [x], { k }, [y]) {
    const input = x as Tensor;
    const output = y as Tensor;
    const columns = input.shape[input.shape.length - 1] ?? 1;
    const rows = output.size;
    const builder = lowering.kernel('kth_largest');
    for (let i = 0; i < k; i++) builder.line(`var best${i} = -3.0e38;`);
    builder.block(`for (var c = 0u; c < ${builder.bound(columns)}; c++)`, () => {
      const at = add(scale(variable('ix', rows), columns), variable('c', columns));
      builder.line(`var value = ${builder.load(input, at)};`);
      // One pass of insertion: each place keeps the larger value and hands the smaller one on.
      for (let i = 0; i < k; i++) {
        builder.line(`let kept${i} = max(best${i}, value);`);
        builder.line(`value = min(best${i}, value);`);
        builder.line(`best${i} = kept${i};`);
      }
    });
    builder.store([[output, `best${k - 1}`]], variable('ix', rows));
    return [builder.finish({ x: rows }, input.size * k)];
  },
});

/** x [..., n] → [..., 1]: what torch.topk(x, k).values[..., -1:] gives; k at most 16. */
export function kthLargest(x: Tensor, k: number): Tensor {
  return x.node.graph.one(kthLargestOp, [x], { k });
}
