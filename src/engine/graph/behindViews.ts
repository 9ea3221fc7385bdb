// Where a read ends that goes through views.
import type { Index } from './indexing';
import type { Tensor } from './tensor';

/** `tensor[index]` is element `index` of `tensor`. */
export interface Element {
  readonly tensor: Tensor;
  readonly index: Index;
}

/**
 * The element of a tensor that `ends` accepts which `tensor[index]` reads, when only views without guards and with one
 * source are in between; else null.
 */
export function behindViews(tensor: Tensor, index: Index, ends: (tensor: Tensor) => boolean): Element | null {
  if (ends(tensor)) return { tensor, index };
  const { op, inputs, attributes } = tensor.node;
  if (op.kind !== 'view') return null;
  const [piece, ...others] = op.pieces(index, inputs, attributes, tensor);
  const input = piece && inputs[piece.input];
  return !input || others.length > 0 || piece.guard ? null : behindViews(input, piece.index, ends);
}
