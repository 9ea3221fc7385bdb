// Products along one axis: y = Π x[k], dx[i] = dy Π_{k ≠ i} x[k], which is right where factors are 0 too.
//
// The gradient multiplies the other factors afresh for each entry, n² products a line: nothing is divided.
import { add, quotient, remainder, scale, variable } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, sizeOf, type Tensor } from '../graph/tensor';
import { multiply } from './arithmetic';
import { reshape } from './view';

interface Attributes {
  readonly axis: number;
}

const productOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'product',
  kind: 'kernel',
  type: ([x], { axis }) => [{ shape: (x?.shape ?? []).map((size, k) => (k === axis ? 1 : size)), dtype: 'f32' }],
  gradient: ({ inputs: [x], attributes, gradients: [dy] }) => [
    multiply(dy as Tensor, (x as Tensor).node.graph.one(othersOp, [x as Tensor], attributes)),
  ],
  lower(lowering, [input], { axis }, [y]) {
    const x = input as Tensor;
    const lines = (y as Tensor).size;
    const size = x.size / lines;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const builder = lowering.kernel('product');
    const line = variable('ix', lines);
    const start = add(scale(quotient(line, inner), inner * size), remainder(line, inner));
    builder.line('var product = 1.0;');
    builder.block(`for (var k = 0u; k < ${builder.bound(size)}; k++)`, () => {
      builder.line(`product *= ${builder.load(x, add(start, scale(variable('k', size), inner)))};`);
    });
    builder.store([[y as Tensor, 'product']], line);
    return [builder.finish({ x: lines }, x.size)];
  },
});

/** Product of all other entries of the line. */
const othersOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'productOfOthers',
  kind: 'kernel',
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  lower(lowering, [input], { axis }, [y]) {
    const x = input as Tensor;
    const size = x.shape[axis] ?? 1;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const builder = lowering.kernel('product_of_others');
    const place = variable('ix', x.size);
    const start = add(scale(quotient(place, inner * size), inner * size), remainder(place, inner));
    builder.line(`let own = (ix / ${inner}u) % ${size}u;`);
    builder.line('var product = 1.0;');
    builder.block(`for (var k = 0u; k < ${builder.bound(size)}; k++)`, () => {
      const value = builder.load(x, add(start, scale(variable('k', size), inner)));
      builder.line(`product *= select(${value}, 1.0, k == own);`);
    });
    builder.store([[y as Tensor, 'product']], place);
    return [builder.finish({ x: x.size }, size * x.size)];
  },
});

/** Product of the entries along one axis, as torch.prod. */
export function product(x: Tensor, axis: number, keepAxis = false): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  const y = x.node.graph.one(productOp, [x], { axis: normal });
  const shape = x.shape.filter((_, k) => k !== normal);
  return keepAxis ? y : reshape(y, shape);
}
