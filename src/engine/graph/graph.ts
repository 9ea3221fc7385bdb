// A graph under construction: nodes in traced order, the current path, parameters and inputs by name.
import { Bug } from '../../errors';
import type { Op } from './op';
import { Tensor, shapeText, sizeOf, type DType, type Node, type Shape } from './tensor';

/** Shapes that do not fit, with the path that led there. A mistake in model code, hence a Bug. */
export class ShapeError extends Bug {
  override readonly name: string = 'ShapeError';
}

/** How a parameter starts when no checkpoint gives it. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'data'; readonly data: Float32Array };

export interface ParameterAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** False for buffers of the state_dict (running statistics, fixed matrices) and frozen weights. */
  readonly trainable: boolean;
}
export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Lies in memory as f16, which the device must have. */
  readonly half: boolean;
}
export interface ConstantAttributes {
  readonly shape: Shape;
  readonly dtype: DType;
  /** One number for all elements, or one per element. */
  readonly data: number | Float32Array | Uint32Array;
}

export const parameterOp: Op<ParameterAttributes> = {
  name: 'parameter',
  kind: 'leaf',
  type: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
};
export const inputOp: Op<InputAttributes> = {
  name: 'input',
  kind: 'leaf',
  type: (_inputs, { shape, dtype }) => [{ shape, dtype }],
};
export const constantOp: Op<ConstantAttributes> = {
  name: 'constant',
  kind: 'leaf',
  type: (_inputs, { shape, dtype }) => [{ shape, dtype }],
};

/** Which marked blocks are computed again in the backward pass: none, all, or the first so many. */
export type Recompute = 'none' | 'all' | number;

export class Graph {
  readonly nodes: Node[] = [];
  readonly parameters = new Map<string, Tensor>();
  readonly inputs = new Map<string, Tensor>();
  /** New value for a parameter that is state (running statistics), by the parameter's name. */
  readonly updates = new Map<string, Tensor>();
  /** Names of state_dict entries that count training batches, and what one batch adds: 0 where a layer is frozen. */
  readonly counters = new Map<string, 0 | 1>();
  readonly #path: string[] = [];
  readonly #scalars = new Map<number, Tensor>();
  readonly #known = new Map<string, readonly Tensor[]>();
  readonly #recompute: Recompute;
  #block: number | null = null;
  #precise = false;
  #blocks = 0;
  #draws = 0;

  constructor(recompute: Recompute = 'none') {
    this.#recompute = recompute;
  }

  /** Blocks marked so far. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Applies an op. Throws ShapeError naming the path when the shapes do not fit. */
  apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
    const path = this.#path.join(' > ');
    // The same op on the same inputs at the same place gives the same tensor; elsewhere it stays a node of its own,
    // so that the backward pass never keeps a forward value alive that it could as well compute.
    const key =
      op.kind === 'kernel' || op.kind === 'leaf'
        ? null
        : `${op.name} ${inputs.map((input) => `${input.node.id}.${input.index}`).join()} ${JSON.stringify(attributes)} ${path} ${this.#block}`;
    const known = key === null ? undefined : this.#known.get(key);
    if (known) return known;
    const outputs = this.insert(op, inputs, attributes, path, this.#block);
    if (key !== null) this.#known.set(key, outputs);
    return outputs;
  }

  /** Applies an op that has one output. */
  one<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
    const [output] = this.apply(op, inputs, attributes);
    if (!output) throw new Bug(`${op.name} has no output`);
    return output;
  }

  /** Like `apply`, for passes that place nodes under another node's path and block. */
  insert<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    attributes: A,
    path: string,
    block: number | null,
    precise = this.#precise,
  ): readonly Tensor[] {
    let types;
    try {
      types = op.type(inputs, attributes);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError([...(path ? [path] : []), `${op.name}: ${error.message}`].join(' > '), { cause: error });
    }
    const outputs: Tensor[] = [];
    const node: Node = {
      graph: this,
      id: this.nodes.length,
      op: op as Op<unknown>,
      inputs,
      attributes,
      outputs,
      path,
      block,
      precise,
    };
    types.forEach((type, index) => outputs.push(new Tensor(node, index, type)));
    this.nodes.push(node);
    return outputs;
  }

  /** Runs `body` with `name` added to the path of every node traced in it. */
  scope<T>(name: string, body: () => T): T {
    this.#path.push(name);
    try {
      return body();
    } finally {
      this.#path.pop();
    }
  }

  /** Marks what `body` traces as one block whose activations may be computed again in the backward pass. */
  recompute<T>(body: () => T): T {
    if (this.#block !== null) return body();
    const number = this.#blocks++;
    const chosen = typeof this.#recompute === 'number' ? number < this.#recompute : this.#recompute === 'all';
    if (!chosen) return body();
    this.#block = number;
    try {
      return body();
    } finally {
      this.#block = null;
    }
  }

  /** Keeps what `body` traces, and its gradients, in f32 where mixed precision halves the rest: losses, statistics. */
  fullPrecision<T>(body: () => T): T {
    const outer = this.#precise;
    this.#precise = true;
    try {
      return body();
    } finally {
      this.#precise = outer;
    }
  }

  /** A parameter by its full state_dict key; asking again gives the same tensor. */
  parameter(attributes: ParameterAttributes): Tensor {
    const known = this.parameters.get(attributes.name);
    if (known) {
      if (sizeOf(known.shape) !== sizeOf(attributes.shape)) {
        throw new ShapeError(
          `parameter ${attributes.name} is asked for as ${shapeText(attributes.shape)} and as ${shapeText(known.shape)}`,
        );
      }
      return known;
    }
    const [tensor] = this.insert(parameterOp, [], attributes, attributes.name, null) as [Tensor];
    this.parameters.set(attributes.name, tensor);
    return tensor;
  }

  /** Data that the caller writes before each step; `half` stores f32 as f16, on devices that have it. */
  input(name: string, shape: Shape, dtype: DType = 'f32', half = false): Tensor {
    const [tensor] = this.insert(inputOp, [], { name, shape, dtype, half }, name, null) as [Tensor];
    this.inputs.set(name, tensor);
    return tensor;
  }

  /** A scalar that is baked into the kernels. */
  scalar(value: number): Tensor {
    const known = this.#scalars.get(value);
    if (known) return known;
    const [tensor] = this.insert(constantOp, [], { shape: [], dtype: 'f32', data: value }, '', null) as [Tensor];
    this.#scalars.set(value, tensor);
    return tensor;
  }

  /** A fixed array, uploaded once. */
  constant(data: Float32Array | Uint32Array, shape: Shape): Tensor {
    if (data.length !== sizeOf(shape))
      throw new ShapeError(`${data.length} values for a constant of shape ${shapeText(shape)}`);
    const dtype = data instanceof Float32Array ? 'f32' : 'u32';
    const [tensor] = this.insert(constantOp, [], { shape, dtype, data }, 'constant', null) as [Tensor];
    return tensor;
  }

  /** A number that tells one random draw of this graph from another. */
  nextDraw(): number {
    return this.#draws++;
  }
}
