// Parameters found by path: the path is the key in upstream's state_dict.
import { invariant } from '../../errors';
import type { Graph, Initializer } from './graph';
import type { Shape, Tensor } from './tensor';

/** A place in the parameter tree. `p.at('fc1').weight(...)` registers `<path>.fc1.weight`. */
export class Parameters {
  readonly graph: Graph;
  readonly path: string;
  readonly #frozen: (key: string) => boolean;

  constructor(graph: Graph, path = '', frozen: (key: string) => boolean = () => false) {
    this.graph = graph;
    this.path = path;
    this.#frozen = frozen;
  }

  at(name: string | number): Parameters {
    return new Parameters(this.graph, this.#key(String(name)), this.#frozen);
  }

  /**
   * The same place with gradients stopped, of all parameters or of those whose whole name `which` takes: the gradient
   * pass then never builds them.
   */
  frozen(which: (key: string) => boolean = () => true): Parameters {
    return new Parameters(this.graph, this.path, (key) => this.#frozen(key) || which(key));
  }

  /** A trained weight. */
  weight(name: string, shape: Shape, initializer: Initializer): Tensor {
    const key = this.#key(name);
    return this.graph.parameter({ name: key, shape, initializer, trainable: !this.#frozen(key) });
  }

  /** An entry of the state_dict that no gradient reaches, such as a running mean or a fixed matrix. */
  buffer(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.graph.parameter({ name: this.#key(name), shape, initializer, trainable: false });
  }

  /** A whole number of the state_dict (int64, no axes) to which each training batch adds; it never reaches the GPU. */
  counter(name: string, perBatch: 0 | 1 = 1): void {
    this.graph.counters.set(this.#key(name), perBatch);
  }

  /** After each training step the buffer takes this value. */
  update(name: string, value: Tensor): void {
    const key = this.#key(name);
    invariant(this.graph.parameters.has(key), `update of ${key}, which is no parameter`);
    this.graph.updates.set(key, value);
  }

  #key(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/** PyTorch's default for Linear and Conv weights and biases: uniform in ±1/sqrt(fanIn). */
export function defaultInitializer(fanIn: number): Initializer {
  return { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
}

export const zeros: Initializer = { kind: 'constant', value: 0 };
export const ones: Initializer = { kind: 'constant', value: 1 };
