// How pointwise ops are declared and applied: broadcasting, numbers as operands, gradients by formula.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { ExpressionContext, PointwiseOp } from '../graph/tensor';
import { sameShape, shapeText, type Shape, type Tensor } from '../graph/tensor';
import { expand } from './reduce';

export type Operand = Tensor | number;

/** The shape that several shapes broadcast to, by PyTorch's rule. Throws ShapeError when they do not fit. */
export function broadcastShape(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own !== 1 && size !== 1 && own !== size)
        throw new ShapeError(`${shapes.map(shapeText).join(' and ')} do not broadcast`);
      if (own !== 1) size = own;
    }
    return size;
  });
}

/** d(loss)/d(input i), given the inputs, the output and d(loss)/d(output). */
type PointwiseGradient = (inputs: readonly Tensor[], output: Tensor, gradient: Tensor) => readonly (Tensor | null)[];
type Expression = (inputs: readonly string[], context: ExpressionContext) => string;

/** A pointwise op with a fixed number of f32 inputs. Returns the function that applies it. */
export function pointwise(
  name: string,
  expression: Expression,
  gradient?: PointwiseGradient,
): (...operands: Operand[]) => Tensor {
  const op = defineOp<null, PointwiseOp<null>>({
    name,
    kind: 'pointwise',
    type(inputs) {
      const [head] = inputs;
      if (!head || inputs.some((one) => !sameShape(one.shape, head.shape))) {
        throw new ShapeError(`shapes ${inputs.map((one) => shapeText(one.shape)).join(', ')} differ`);
      }
      return [{ shape: head.shape, dtype: 'f32' }];
    },
    expression: (inputs, _attributes, context) => expression(inputs, context),
    ...(gradient && {
      gradient: ({ inputs, outputs, gradients }) => gradient(inputs, outputs[0] as Tensor, gradients[0] as Tensor),
    }),
  });
  return (...operands) => {
    const graph = operands.find((one) => typeof one !== 'number')?.node.graph;
    if (!graph) throw new ShapeError(`${name} needs at least one tensor`);
    const tensors = operands.map((one) => (typeof one === 'number' ? graph.scalar(one) : one));
    const shape = broadcastShape(tensors.map((one) => one.shape));
    return graph.one(
      op,
      tensors.map((one) => expand(one, shape)),
      null,
    );
  };
}
