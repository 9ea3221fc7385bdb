// Cross-entropy of logits with class numbers or distributions, in one pass each way.
//
// Per line along the class axis, with weights w and the smoothed target t: q = w t, loss = Σ q (log Σ exp x − x),
// dx = dy (Σ q · softmax(x) − q). log Σ exp x and Σ q of each line are saved for the backward pass.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, sameShape, shapeText, type Shape, type Tensor, type TensorType } from '../graph/tensor';
import {
  lowerCrossEntropy,
  lowerCrossEntropyGradient,
  type CrossEntropyAttributes,
  type CrossEntropyInputs,
} from '../kernels/crossEntropy';

const without = (shape: Shape, axis: number): Shape => shape.filter((_, k) => k !== axis);

function check([x, target, weight]: readonly TensorType[], axis: number): Shape {
  if (!x || !target) throw new ShapeError('wants logits and targets');
  const lines = without(x.shape, axis);
  const wanted = target.dtype === 'u32' ? lines : x.shape;
  if (!sameShape(target.shape, wanted)) {
    const kind = target.dtype === 'u32' ? 'class numbers' : 'distributions';
    throw new ShapeError(
      `${kind} ${shapeText(wanted)} for logits ${shapeText(x.shape)} with classes on axis ${axis} wanted, ${shapeText(target.shape)} came`,
    );
  }
  if (weight && !sameShape(weight.shape, [x.shape[axis] ?? 1])) {
    throw new ShapeError(`class weights [${x.shape[axis] ?? 1}] wanted, ${shapeText(weight.shape)} came`);
  }
  return lines;
}

const crossEntropyOp = defineOp<CrossEntropyAttributes, KernelOp<CrossEntropyAttributes>>({
  name: 'crossEntropy',
  kind: 'kernel',
  type(inputs, { axis }) {
    const line = { shape: check(inputs, axis), dtype: 'f32' } as const;
    return [line, line, line, line];
  },
  gradient({ inputs: [x, target, ...weight], outputs: [, logSum, mass], gradients: [dy], attributes }) {
    const inputs = [x, logSum, mass, dy, target, ...weight] as Tensor[];
    return [dy ? dy.node.graph.one(crossEntropyGradientOp, inputs, attributes) : null, null, null];
  },
  lower: (lowering, [x, target, weight], attributes, outputs) =>
    lowerCrossEntropy(
      lowering,
      { x, target, weight } as CrossEntropyInputs,
      attributes,
      outputs as [Tensor, Tensor, Tensor, Tensor],
    ),
});

const crossEntropyGradientOp = defineOp<CrossEntropyAttributes, KernelOp<CrossEntropyAttributes>>({
  name: 'crossEntropyGradient',
  kind: 'kernel',
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  lower: (lowering, [x, logSum, mass, dy, target, weight], attributes, [dx]) =>
    lowerCrossEntropyGradient(
      lowering,
      { x, target, weight } as CrossEntropyInputs,
      attributes,
      [logSum, mass, dy] as [Tensor, Tensor, Tensor],
      dx as Tensor,
    ),
});

export interface CrossEntropyOptions {
  /** Axis of the classes; 1 by default, the last one of a single line. */
  readonly axis?: number;
  /** Weight of each class, [classes]; gets no gradient. */
  readonly weight?: Tensor;
  /** Share of the target that is spread evenly over all classes; 0 by default. */
  readonly labelSmoothing?: number;
  /** Targets of this number count for nothing (negative numbers as they wrap to u32); by default every target counts. */
  readonly ignoreIndex?: number;
}

/**
 * Cross-entropy of each line of logits `x` with its target: class numbers (u32, x's shape without the class axis; below
 * the number of classes) or distributions (f32, x's shape; they get no gradient). `weight` of a line is what it counts
 * for in a weighted mean: the class weight of its target, 0 where that is ignored.
 */
export function crossEntropy(
  x: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): { loss: Tensor; weight: Tensor } {
  const axis = normalAxis(options.axis ?? Math.min(1, x.shape.length - 1), x.shape.length);
  const attributes = { axis, smoothing: options.labelSmoothing ?? 0, ignoreIndex: options.ignoreIndex ?? null };
  const inputs = options.weight ? [x, target, options.weight] : [x, target];
  const [loss, , , weight] = x.node.graph.apply(crossEntropyOp, inputs, attributes);
  return { loss: loss as Tensor, weight: weight as Tensor };
}
