// Softmax and its logarithm along one axis: y = exp(x − max) / Σ exp(x − max), dx = y (dy − Σ dy y).
//
// logsumexp = max + log Σ exp(x − max), with dx = dy exp(x − logsumexp); the log of a softmax is x − logsumexp.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, sameShape, shapeText, type Tensor } from '../graph/tensor';
import { lowerLogSumExp, lowerSoftmax, lowerSoftmaxGradient } from '../kernels/softmax';
import { exp, multiply, select, subtract } from './arithmetic';
import { reshape } from './view';

interface Attributes {
  readonly axis: number;
}

/** What a masked logit becomes: finite, and far below any real one. */
const MASKED = -1e30;

const softmaxOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'softmax',
  kind: 'kernel',
  halves: [0],
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  gradient({ outputs: [y], gradients: [dy], attributes }) {
    const output = y as Tensor;
    return [output.node.graph.one(softmaxGradientOp, [output, dy as Tensor], attributes)];
  },
  lower: (lowering, [x], { axis }, [y]) => lowerSoftmax(lowering, x as Tensor, axis, y as Tensor),
});

const softmaxGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'softmaxGradient',
  kind: 'kernel',
  halves: [0],
  type([y, dy]) {
    if (!y || !dy || !sameShape(y.shape, dy.shape)) throw new ShapeError(`${shapeText(dy?.shape ?? [])} does not fit`);
    return [{ shape: y.shape, dtype: 'f32' }];
  },
  lower: (lowering, inputs, { axis }, [dx]) =>
    lowerSoftmaxGradient(lowering, inputs as [Tensor, Tensor], axis, dx as Tensor),
});

const logSumExpOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'logsumexp',
  kind: 'kernel',
  type: ([x], { axis }) => [{ shape: (x?.shape ?? []).map((size, k) => (k === axis ? 1 : size)), dtype: 'f32' }],
  gradient: ({ inputs: [x], outputs: [y], gradients: [dy] }) => [
    multiply(dy as Tensor, exp(subtract(x as Tensor, y as Tensor))),
  ],
  lower: (lowering, [x], { axis }, [y]) => lowerLogSumExp(lowering, x as Tensor, axis, y as Tensor),
});

/** Softmax along one axis, as torch.softmax. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return x.node.graph.one(softmaxOp, [x], { axis: normalAxis(axis, x.shape.length) });
}

/** Softmax over the entries whose mask is not 0; the others get 0. A line with no entry left is spread evenly. */
export function maskedSoftmax(x: Tensor, mask: Tensor, axis = -1): Tensor {
  return softmax(select(mask, x, MASKED), axis);
}

/** log Σ exp x along one axis, as torch.logsumexp. */
export function logsumexp(x: Tensor, axis = -1, keepAxis = false): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  const y = x.node.graph.one(logSumExpOp, [x], { axis: normal });
  return keepAxis
    ? y
    : reshape(
        y,
        x.shape.filter((_, k) => k !== normal),
      );
}

/** Logarithm of the softmax along one axis, as torch.log_softmax. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return subtract(x, logsumexp(x, axis, true));
}
