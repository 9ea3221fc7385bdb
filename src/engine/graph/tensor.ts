// Symbolic tensors: a shape, a dtype and the node that makes them. They hold no data.
import { invariant } from '../../errors';
import type { Graph } from './graph';
import type { Op } from './op';

export type DType = 'f32' | 'u32';
export type Shape = readonly number[];

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One application of an op. Nodes are numbered in the order in which they were traced: a valid order to run. */
export interface Node {
  readonly graph: Graph;
  readonly id: number;
  readonly op: Op<unknown>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly outputs: readonly Tensor[];
  /** Where in the model it was traced, for messages: `layers.7 > attention`. */
  readonly path: string;
  /** The recompute block it belongs to, if any. */
  readonly block: number | null;
  /** Its results lie in memory as f32 also where others are halved. */
  readonly precise: boolean;
}

/** Output number `index` of a node. */
export class Tensor implements TensorType {
  readonly node: Node;
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node;
    this.index = index;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Axis counted from the front; negative axes count from the back. Throws Bug when out of range. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  invariant(normal >= 0 && normal < rank, `axis ${axis} of a tensor with ${rank} axes`);
  return normal;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[2, 9, 17]`, as error messages write shapes. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
