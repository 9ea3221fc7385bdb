// The entries of a model's state_dict on the GPU, as what loads a file writes them: one after the other, not too fast.
import type { Compiled } from '../../engine/device/compile';
import type { NamedTensor, WeightTarget } from '../runtime';

/** The browser copies what is written until the GPU has taken it: weights are loaded in portions of this size. */
const FLUSH_BYTES = 64 * 2 ** 20;

export class ModelWeights implements WeightTarget {
  readonly counters: Map<string, bigint>;
  readonly #compiled: Pick<Compiled, 'parameters' | 'buffers'>;
  #unflushedBytes = 0;

  /** `counters` are entries that count batches and never reach the GPU. */
  constructor(compiled: Pick<Compiled, 'parameters' | 'buffers'>, counters: Iterable<string>) {
    this.#compiled = compiled;
    this.counters = new Map([...counters].map((name) => [name, 0n]));
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    const { places } = this.#compiled.parameters.layout;
    const counters = [...this.counters.keys()].map((name): [string, readonly number[]] => [name, []]);
    return new Map([
      ...[...places].map(([name, { shape }]): [string, readonly number[]] => [name, shape]),
      ...counters,
    ]);
  }

  async writeWeight(name: string, { data }: NamedTensor): Promise<void> {
    this.write(name, data);
    await this.written(data.byteLength);
  }

  /** Replaces one entry at once. Throws UserError on another name or size. */
  write(name: string, data: ArrayLike<number | bigint>): void {
    if (this.counters.has(name)) this.counters.set(name, BigInt(Math.round(Number(data[0] ?? 0))));
    else this.#compiled.parameters.write(name, data instanceof Float32Array ? data : Float32Array.from(data, Number));
  }

  /** Waits now and then until the GPU has taken what was written. */
  async written(bytes: number): Promise<void> {
    this.#unflushedBytes += bytes;
    if (this.#unflushedBytes < FLUSH_BYTES) return;
    this.#unflushedBytes = 0;
    await this.#compiled.buffers.device.queue.onSubmittedWorkDone();
  }
}
