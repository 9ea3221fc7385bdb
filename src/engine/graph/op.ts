// How an operator is declared.
import type { Op } from './tensor';

/** Declares an operator; the type parameter is its attributes. */
export function defineOp<A, K extends Op<A> = Op<A>>(op: K): K {
  return op;
}
