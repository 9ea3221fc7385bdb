// A graph under construction: nodes in traced order, the current path, parameters and inputs by name.
import { Bug, invariant } from '../../errors';
import type { Op } from './op';
import { Tensor, shapeText, sizeOf, type DType, type Node, type Shape, type TensorType } from './tensor';

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
export interface StreamAttributes extends InputAttributes {
  readonly pieces: number;
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
export const streamOp: Op<StreamAttributes> = {
  name: 'stream',
  kind: 'leaf',
  type(_inputs, { name, shape, dtype, pieces }) {
    if ((shape[0] ?? 0) % pieces !== 0)
      throw new ShapeError(`${name} of shape ${shapeText(shape)} does not divide into ${pieces} pieces`);
    return [{ shape, dtype }];
  },
};
/** A tensor of another graph that the body of a loop reads whole. */
export const capturedOp: Op<TensorType> = {
  name: 'captured',
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

/** Where a trace stands, shared by its graph and the bodies of loops in it. */
interface Trace {
  readonly path: string[];
  readonly recompute: Recompute;
  block: number | null;
  precise: boolean;
  blocks: number;
  draws: number;
  /** The body that is being traced. */
  open: Graph | null;
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly parameters = new Map<string, Tensor>();
  readonly inputs = new Map<string, Tensor>();
  /** New value for a parameter that is state (running statistics), by the parameter's name. */
  readonly updates = new Map<string, Tensor>();
  /** Names of state_dict entries that count training batches, and what one batch adds: 0 where a layer is frozen. */
  readonly counters = new Map<string, 0 | 1>();
  /** Nodes that run for more than their results: loops that add to gradients. */
  readonly effects: Node[] = [];
  /** In the body of a loop: tensors of the graph around it and the leaves that stand for them. */
  readonly captured = new Map<Tensor, Tensor>();
  readonly #scalars = new Map<number, Tensor>();
  readonly #known = new Map<string, readonly Tensor[]>();
  readonly #parent: Graph | null;
  readonly #trace: Trace;

  constructor(recompute: Recompute = 'none', parent: Graph | null = null) {
    this.#parent = parent;
    this.#trace = parent
      ? parent.#trace
      : { path: [], recompute, block: null, precise: false, blocks: 0, draws: 0, open: null };
  }

  /** Blocks marked so far. */
  get blocks(): number {
    return this.#trace.blocks;
  }

  /**
   * Traces `body` into a graph of its own, for a loop of this one. Tensors of this graph that it uses, parameters too,
   * become leaves of the body (`captured`). Throws Bug within another body.
   */
  body<T>(body: (graph: Graph) => T): { readonly graph: Graph; readonly value: T } {
    const trace = this.#trace;
    invariant(!trace.open && !this.#parent, 'a loop within the body of a loop');
    const graph = new Graph('none', this);
    const { block } = trace;
    trace.open = graph;
    trace.block = null;
    try {
      return { graph, value: body(graph) };
    } finally {
      trace.open = null;
      trace.block = block;
    }
  }

  /** Applies an op. Throws ShapeError naming the path when the shapes do not fit. */
  apply<A>(op: Op<A>, given: readonly Tensor[], attributes: A): readonly Tensor[] {
    const innermost = this.#trace.open ?? this;
    if (innermost !== this) return innermost.apply(op, given, attributes);
    const inputs = given.map((one) => this.own(one));
    const path = this.#trace.path.join(' > ');
    // The same op on the same inputs at the same place gives the same tensor; elsewhere it stays a node of its own,
    // so that the backward pass never keeps a forward value alive that it could as well compute.
    const key =
      op.kind !== 'pointwise' && op.kind !== 'reduce' && op.kind !== 'view'
        ? null
        : `${op.name} ${inputs.map((input) => `${input.node.id}.${input.index}`).join()} ${JSON.stringify(attributes)} ${path} ${this.#trace.block}`;
    const known = key === null ? undefined : this.#known.get(key);
    if (known) return known;
    const outputs = this.#insert(op, inputs, attributes, path, this.#trace.block);
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
    precise = this.#trace.precise,
  ): readonly Tensor[] {
    const innermost = this.#trace.open ?? this;
    const own = inputs.map((one) => innermost.own(one));
    return innermost.#insert(op, own, attributes, path, block, precise);
  }

  /** The tensor itself, or in the body of a loop what stands there for a tensor of the graph around it. */
  own(tensor: Tensor): Tensor {
    const { op, graph, attributes, path } = tensor.node;
    if (graph === this) return tensor;
    const known = this.captured.get(tensor);
    if (known) return known;
    invariant(graph === this.#parent, `${path} > ${op.name} belongs to the body of a loop and is used outside`);
    const kind = op as unknown;
    if (kind === constantOp) return this.#insert(constantOp, [], attributes as ConstantAttributes, path, null)[0]!;
    const [leaf] =
      kind === parameterOp
        ? this.#insert(parameterOp, [], attributes as ParameterAttributes, path, null)
        : this.#insert(capturedOp, [], { shape: tensor.shape, dtype: tensor.dtype }, path, null);
    this.captured.set(tensor, leaf!);
    return leaf!;
  }

  #insert<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    attributes: A,
    path: string,
    block: number | null,
    precise = this.#trace.precise,
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
    this.#trace.path.push(name);
    try {
      return body();
    } finally {
      this.#trace.path.pop();
    }
  }

  /** Marks what `body` traces as one block whose activations may be computed again in the backward pass. */
  recompute<T>(body: () => T): T {
    const trace = this.#trace;
    if (trace.block !== null) return body();
    const number = trace.blocks++;
    const chosen = typeof trace.recompute === 'number' ? number < trace.recompute : trace.recompute === 'all';
    if (!chosen) return body();
    trace.block = number;
    try {
      return body();
    } finally {
      trace.block = null;
    }
  }

  /** Keeps what `body` traces, and its gradients, in f32 where mixed precision halves the rest: losses, statistics. */
  fullPrecision<T>(body: () => T): T {
    const trace = this.#trace;
    const outer = trace.precise;
    trace.precise = true;
    try {
      return body();
    } finally {
      trace.precise = outer;
    }
  }

  /** A parameter by its full state_dict key; asking again gives the same tensor. */
  parameter(attributes: ParameterAttributes): Tensor {
    if (this.#parent) return this.#parent.parameter(attributes);
    const known = this.parameters.get(attributes.name);
    if (known) {
      if (sizeOf(known.shape) !== sizeOf(attributes.shape)) {
        throw new ShapeError(
          `parameter ${attributes.name} is asked for as ${shapeText(attributes.shape)} and as ${shapeText(known.shape)}`,
        );
      }
      return known;
    }
    const [tensor] = this.#insert(parameterOp, [], attributes, attributes.name, null) as [Tensor];
    this.parameters.set(attributes.name, tensor);
    return tensor;
  }

  /** Data that the caller writes before each step; `half` stores f32 as f16, on devices that have it. */
  input(name: string, shape: Shape, dtype: DType = 'f32', half = false): Tensor {
    const [tensor] = this.insert(inputOp, [], { name, shape, dtype, half }, name, null) as [Tensor];
    this.inputs.set(name, tensor);
    return tensor;
  }

  /**
   * Data of which only one of `pieces` parts along the first axis lies on the device at a time: loops over as many
   * pieces read it, and nothing else may.
   */
  stream(name: string, shape: Shape, pieces: number, dtype: DType = 'f32', half = false): Tensor {
    const [tensor] = this.insert(streamOp, [], { name, shape, dtype, half, pieces }, name, null) as [Tensor];
    this.inputs.set(name, tensor);
    return tensor;
  }

  /** A scalar that is baked into the kernels. */
  scalar(value: number): Tensor {
    const innermost = this.#trace.open ?? this;
    if (innermost !== this) return innermost.scalar(value);
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
    return this.#trace.draws++;
  }
}
