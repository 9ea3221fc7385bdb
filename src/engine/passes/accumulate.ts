// Sums the gradients that a tensor gets from its readers. What neighbouring slices give is joined, not added to zeros.
import { add, copy } from '../ops/arithmetic';
import { concat, MOST_PIECES } from '../ops/concat';
import { pad, padOp, type Padding } from '../ops/view';
import type { Tensor } from '../graph/tensor';

/** Pieces that lie one after the other along an axis, from `start` on; elsewhere the tensor is zero. */
interface Stretch {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Tensor[];
}

/** a + b. Joining moves no data, where a sum of padded slices reads and writes the whole tensor for each. */
export function accumulate(a: Tensor, b: Tensor): Tensor {
  const [one, other] = [stretchOf(a), stretchOf(b)];
  if (!one || !other || one.axis !== other.axis) return add(a, b);
  const [first, second] = one.start < other.start ? [one, other] : [other, one];
  const pieces = [...first.pieces, ...second.pieces];
  if (first.end !== second.start || pieces.length > MOST_PIECES) return add(a, b);
  const { axis } = first;
  return pad(concat(pieces, axis), axis, first.start, (a.shape[axis] ?? 0) - second.end);
}

/** The gradient as what is no view may read it: one tensor, since a kernel binds few. */
export function settled(gradient: Tensor): Tensor {
  return new Set(viewed(gradient)).size > 1 ? copy(gradient) : gradient;
}

function stretchOf(tensor: Tensor): Stretch | null {
  const { op, inputs, attributes } = tensor.node;
  const [inside] = inputs;
  if (op !== (padOp as unknown) || !inside) return null;
  const { axis, before } = attributes as Padding;
  const pieces = inside.node.op.name === 'concat' && (inside.node.attributes as { axis: number }).axis === axis;
  const end = before + (inside.shape[axis] ?? 0);
  return { axis, start: before, end, pieces: pieces ? inside.node.inputs : [inside] };
}

/** What lies behind views; a tensor that several lead to comes several times. */
function viewed(tensor: Tensor): Tensor[] {
  const { op, inputs } = tensor.node;
  return op.kind === 'view' ? inputs.flatMap(viewed) : [tensor];
}
