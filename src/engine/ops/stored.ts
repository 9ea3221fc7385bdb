// A tensor that lies in memory just as it is, for what binds it by itself: loops and host stages.
import type { Tensor } from '../graph/tensor';
import { copy } from './arithmetic';

/** The tensor, or a copy of it where it is a view, other than a reshape, or a constant. */
export function stored(tensor: Tensor): Tensor {
  const { op, inputs } = tensor.node;
  if (op.kind === 'view') return op.name === 'reshape' && isStored(inputs[0]!) ? tensor : copy(tensor);
  return isStored(tensor) ? tensor : copy(tensor);
}

function isStored({ node: { op, inputs } }: Tensor): boolean {
  if (op.kind === 'view') return op.name === 'reshape' && isStored(inputs[0]!);
  return op.name !== 'constant';
}
