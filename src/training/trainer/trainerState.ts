// What a trainer on the GPU learnt, as tensors that are read and written part by part.
import { Optimizer } from '../../engine/device/optimizer';
import type { PagedBuffer } from '../../engine/device/pagedBuffer';
import type { ParameterStore } from '../../engine/device/parameterStore';
import { invariant } from '../../errors';
import type { StateTensor, TrainerState } from '../runtime';
import { averagePrefix } from './stateTensors';

export interface TrainerParts {
  readonly parameters: ParameterStore;
  readonly optimizer: Optimizer;
  /** Counters that the graph does not hold, by name. */
  readonly counters: Map<string, bigint>;
  /** Hears of bytes that were written; resolves once there is room for more. */
  readonly written: (bytes: number) => Promise<void>;
}

/** Many small tensors lie beside each other: one trip to the GPU reads this much of them. */
const windowBytes = 8 * 2 ** 20;

export function trainerState(parts: TrainerParts): TrainerState {
  const { parameters, optimizer } = parts;
  const { places, bytes, trainedBytes } = parameters.layout;
  const window = new ReadWindow(parameters.values, bytes);
  const weights = [...places.values()].map(({ name, shape, offset }) =>
    floats(parts, { name, shape }, parameters.values, offset, (from, length) => window.read(from, length)),
  );
  const counters = [...parts.counters.keys()].map((name) => counter(parts.counters, name));
  const { ema, ...others } = Object.fromEntries(optimizer.arrays);
  const arrays = Object.entries(others).map(([name, array]) =>
    floats(parts, { name, shape: [trainedBytes / 4] }, array, 0, (from, length) => array.read(from, length)),
  );
  // Averages leave as weights do, so they are told by name.
  const averaged = ema && new ReadWindow(ema, trainedBytes);
  const averages = [...places.values()].flatMap(({ name, shape, offset }) =>
    ema && averaged && offset < trainedBytes
      ? [
          floats(parts, { name: averagePrefix + name, shape }, ema, offset, (from, length) =>
            averaged.read(from, length),
          ),
        ]
      : [],
  );
  return {
    weights: [...weights, ...counters],
    optimizerState: [...arrays, ...averages, counts(optimizer), lossScale(optimizer)],
    resetOptimizer: () => optimizer.reset(),
  };
}

function floats(
  { written }: TrainerParts,
  { name, shape }: Pick<StateTensor, 'name' | 'shape'>,
  array: PagedBuffer,
  offset: number,
  read: (offset: number, bytes: number) => Promise<ArrayBuffer>,
): StateTensor {
  return {
    ...{ name, dtype: 'F32', shape },
    read: async (begin, end) => new Float32Array(await read(offset + begin * 4, (end - begin) * 4)),
    write: async (values, begin) => {
      invariant(values instanceof Float32Array, `${name} takes floats`);
      array.write(offset + begin * 4, values);
      await written(values.byteLength);
    },
  };
}

function counter(counters: Map<string, bigint>, name: string): StateTensor {
  return {
    ...{ name, dtype: 'I64', shape: [] },
    read: (begin, end) => Promise.resolve(BigInt64Array.of(counters.get(name) ?? 0n).slice(begin, end)),
    write: (values) => done(() => counters.set(name, BigInt(values[0] ?? 0))),
  };
}

function counts(optimizer: Optimizer): StateTensor {
  return {
    ...{ name: 'counts', dtype: 'I64', shape: [Optimizer.countsKept] },
    read: async (begin, end) => BigInt64Array.from(await optimizer.counts(), BigInt).slice(begin, end),
    write: (values) => done(() => optimizer.writeCounts(Array.from(values, Number))),
  };
}

function lossScale(optimizer: Optimizer): StateTensor {
  return {
    ...{ name: 'loss_scale', dtype: 'F32', shape: [] },
    read: async (begin, end) => Float32Array.of(await optimizer.lossScale()).slice(begin, end),
    write: (values) => done(() => optimizer.writeLossScale(Number(values[0]))),
  };
}

function done(work: () => unknown): Promise<void> {
  work();
  return Promise.resolve();
}

/** Reads an array from front to back, a window at a time. */
class ReadWindow {
  readonly #array: PagedBuffer;
  readonly #size: number;
  #begin = 0;
  #bytes = new ArrayBuffer(0);

  constructor(array: PagedBuffer, size: number) {
    this.#array = array;
    this.#size = size;
  }

  async read(offset: number, bytes: number): Promise<ArrayBuffer> {
    if (bytes >= windowBytes) return await this.#array.read(offset, bytes);
    if (offset < this.#begin || offset + bytes > this.#begin + this.#bytes.byteLength) {
      this.#bytes = await this.#array.read(offset, Math.min(windowBytes, this.#size - offset));
      this.#begin = offset;
    }
    return this.#bytes.slice(offset - this.#begin, offset - this.#begin + bytes);
  }
}
