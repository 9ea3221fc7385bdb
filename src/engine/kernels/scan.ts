// What the kernels of a selective scan share: how positions are cut into chunks, and the walk along one chunk.
import { add, code, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import type { Shape, Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';

/** Positions that one invocation walks: few enough that a GPU keeps what it notes of each in registers. */
const CHUNK = 16;

export interface ScanSizes {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly states: number;
  /** Positions per chunk (the last may have fewer) and how many chunks there are. */
  readonly chunk: number;
  readonly chunks: number;
}

/** Sizes of a scan over tokens [batch, length, channels] with A [channels, states]. */
export function scanSizes(tokens: Shape, a: Shape): ScanSizes {
  const [batch = 1, length = 1, channels = 1] = tokens;
  const chunk = Math.min(CHUNK, length);
  return { batch, length, channels, states: a[1] ?? 1, chunk, chunks: Math.ceil(length / chunk) };
}

/** One position of a chunk: its number in the chunk (WGSL) and in the sequence; beyond the end, the last one again. */
export interface Step {
  readonly k: string;
  readonly time: Index;
  /** WGSL condition that the position exists; null where all do. */
  readonly inside: string | null;
}

/** An invocation's walk along one chunk of one entry of the batch, for one channel or one state. */
export class ChunkWalk {
  readonly batch: Index;
  readonly chunk: Index;
  /** The channel or state. */
  readonly last: Index;
  readonly #builder: KernelBuilder;
  readonly #sizes: ScanSizes;
  readonly #steps: string;
  readonly #states: string;

  /** `flat` counts through [batch, chunks, last]. */
  constructor(builder: KernelBuilder, sizes: ScanSizes, flat: Index, last: number) {
    const place = coordinates(flat, [sizes.batch, sizes.chunks, last]) as [Index, Index, Index];
    [this.batch, this.chunk, this.last] = place;
    this.#builder = builder;
    this.#sizes = sizes;
    this.#steps = builder.bound(sizes.chunk);
    this.#states = builder.bound(sizes.states);
  }

  /** A number for each step, zero at first; returns its WGSL name. */
  notes(prefix: string): string {
    const name = this.#builder.fresh(prefix);
    this.#builder.line(`var ${name}: array<f32, ${this.#sizes.chunk}>;`);
    return name;
  }

  /** Loops over the steps, first to last or back to front. */
  eachStep(body: (step: Step) => void, order: 'forward' | 'backward' = 'forward'): void {
    const { chunk, chunks, length } = this.#sizes;
    const builder = this.#builder;
    const counter = builder.fresh('step');
    builder.block(`for (var ${counter} = 0u; ${counter} < ${this.#steps}; ${counter}++)`, () => {
      const k = order === 'forward' ? counter : builder.let(`${chunk - 1}u - ${counter}`, 'k');
      const wanted = add(scale(this.chunk, chunk), variable(k, chunk));
      if (chunks * chunk === length) {
        body({ k, time: wanted, inside: null });
        return;
      }
      const time = builder.let(code(wanted), 'time');
      const kept = builder.let(`min(${time}, ${length - 1}u)`, 'kept');
      body({ k, time: variable(kept, length), inside: `${time} < ${length}u` });
    });
  }

  /** Loops over the states. */
  eachState(body: (state: Index) => void): void {
    const name = this.#builder.fresh('n');
    this.#builder.block(`for (var ${name} = 0u; ${name} < ${this.#states}; ${name}++)`, () => {
      body(variable(name, this.#sizes.states));
    });
  }

  /** tokens [batch, length, ...] at a step. */
  load(tokens: Tensor, { time }: Step, column: Index): string {
    return this.#builder.load(tokens, flatten([this.batch, time, column], tokens.shape));
  }

  /** Like `load`, but zero beyond the end: with a step size of 0 the state stays as it is. */
  loadInside(tokens: Tensor, step: Step, column: Index): string {
    const value = this.load(tokens, step, column);
    return step.inside === null ? value : this.#builder.let(`select(0.0, ${value}, ${step.inside})`);
  }

  /** Runs `body` where the step exists. */
  whereInside({ inside }: Step, body: () => void): void {
    if (inside === null) body();
    else this.#builder.block(`if (${inside})`, body);
  }
}
