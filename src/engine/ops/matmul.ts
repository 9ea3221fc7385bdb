// Matrix product over the last two axes, with leading axes as batch; operands may be any linear views.
//
// y = a b, da = dy bᵀ, db = aᵀ dy. Nothing is transposed in memory: the kernel reads operands with strides.
import { ShapeError } from '../graph/graph';
import { flatten } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { sizeOf, shapeText, type Tensor, type TensorType } from '../graph/tensor';
import { lowerMatmul } from '../kernels/matmul';
import { add } from './arithmetic';
import { broadcastShape } from './pointwise';
import { expand } from './reduce';
import { reshape, transpose } from './view';

function dimensions({ shape }: TensorType): { batch: readonly number[]; rows: number; columns: number } {
  return { batch: shape.slice(0, -2), rows: shape[shape.length - 2] ?? 1, columns: shape[shape.length - 1] ?? 1 };
}

const matmulOp = defineOp<null, KernelOp<null>>({
  name: 'matmul',
  kind: 'kernel',
  halves: [0],
  summable([left, right]) {
    if (!left || !right) return [];
    const [rows, terms] = left.shape.slice(-2) as [number, number];
    const columns = right.shape[right.shape.length - 1] ?? 1;
    // One matrix, and a result that cannot be taken for the sum.
    if (left.size !== rows * terms || right.size !== terms * columns || rows === 1 || columns === 1) return [];
    return [
      {
        ...{ operand: 'left', tensor: left, size: rows, terms },
        at: (row, term) => flatten([row, term], [rows, terms]),
      },
      {
        ...{ operand: 'right', tensor: right, size: columns, terms },
        at: (column, term) => flatten([term, column], [terms, columns]),
      },
    ];
  },
  type([a, b]) {
    if (!a || !b || a.shape.length < 2 || a.shape.length !== b.shape.length)
      throw new ShapeError('two operands with equally many axes, at least 2');
    const left = dimensions(a);
    const right = dimensions(b);
    if (left.columns !== right.rows)
      throw new ShapeError(`inner sizes differ, ${shapeText(a.shape)} x ${shapeText(b.shape)}`);
    if (left.batch.some((size, axis) => size !== right.batch[axis])) {
      throw new ShapeError(`batch sizes differ, ${shapeText(a.shape)} x ${shapeText(b.shape)}`);
    }
    return [{ shape: [...left.batch, left.rows, right.columns], dtype: 'f32' }];
  },
  gradient({ inputs: [a, b], gradients: [dy], wanted }) {
    return [
      wanted[0] ? matmul(dy as Tensor, transpose(b as Tensor, -1, -2)) : null,
      wanted[1] ? matmul(transpose(a as Tensor, -1, -2), dy as Tensor) : null,
    ];
  },
  lower: (lowering, [a, b], _attributes, [y]) => lowerMatmul(lowering, a as Tensor, b as Tensor, y as Tensor),
});

/** Matrix product as torch.matmul for operands with at least two axes; batch axes broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const whole = (x: Tensor): Tensor => expand(x, [...batch, ...x.shape.slice(-2)]);
  return a.node.graph.one(matmulOp, [whole(a), whole(b)], null);
}

const linearOp = defineOp<null, KernelOp<null>>({
  name: 'linear',
  kind: 'kernel',
  halves: [0],
  type([x, weight]) {
    const inner = x?.shape[x.shape.length - 1];
    if (!x || weight?.shape.length !== 2 || weight.shape[1] !== inner) {
      throw new ShapeError(
        `inner sizes differ, ${shapeText(x?.shape ?? [])} x ${shapeText(weight?.shape ?? [])} transposed`,
      );
    }
    return [{ shape: [...x.shape.slice(0, -1), weight.shape[0] ?? 1], dtype: 'f32' }];
  },
  gradient({ inputs: [x, weight], gradients: [dy], wanted }) {
    const input = x as Tensor;
    const w = weight as Tensor;
    const rows = sizeOf(input.shape.slice(0, -1));
    const flow = reshape(dy as Tensor, [rows, -1]);
    return [
      wanted[0] ? reshape(matmul(flow, w), input.shape) : null,
      wanted[1] ? matmul(transpose(flow, 0, 1), reshape(input, [rows, -1])) : null,
    ];
  },
  lower(lowering, [x, weight], _attributes, [y]) {
    return lowerMatmul(lowering, x as Tensor, weight as Tensor, y as Tensor, {
      rows: sizeOf((x as Tensor).shape.slice(0, -1)),
      transposed: true,
    });
  },
});

/** x Wᵀ + b over the last axis of x [..., in], weight [out, in], bias [out]; as torch.nn.functional.linear. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const y = x.node.graph.one(linearOp, [x, weight], null);
  return bias ? add(y, bias) : y;
}
