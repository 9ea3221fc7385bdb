// What an adapter is: a recorded operator's name in terms of our ops.
import type { Tensor } from '../../../src/engine/graph/tensor';

/** A recorded case: tensors by argument name, settings as recorded. */
export interface OpCall {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Our outputs by their recorded names; a single tensor is `y`. */
export type Adapter = (call: OpCall) => Readonly<Record<string, Tensor>> | Tensor;

export type Adapters = Readonly<Record<string, Adapter>>;

type Arrays = Readonly<Record<string, ArrayLike<number>>>;

/** The same for what runs on plain arrays, outside any graph: our outputs by their recorded names. */
export type HostAdapters = Readonly<Record<string, (inputs: Arrays, attrs: OpCall['attrs']) => Arrays>>;

/** The argument, which the recording has. */
export function arg({ inputs }: OpCall, name: string): Tensor {
  const tensor = inputs[name];
  if (!tensor) throw new Error(`the recording has no input ${name}`);
  return tensor;
}

export function numberOf({ attrs }: OpCall, name: string, otherwise?: number): number {
  const value = attrs[name] ?? otherwise;
  if (typeof value !== 'number') throw new Error(`the recording has no number ${name}`);
  return value;
}

/** An adapter for a function of the argument x. */
export function ofX(op: (x: Tensor) => Tensor): Adapter {
  return (call) => op(arg(call, 'x'));
}

/** An adapter for a function of the arguments a and b. */
export function ofAB(op: (a: Tensor, b: Tensor) => Tensor): Adapter {
  return (call) => op(arg(call, 'a'), arg(call, 'b'));
}
