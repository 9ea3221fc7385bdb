// Counter-based random numbers (Philox4x32-10): any place in any stream is reached at once, so a resume needs no history.
// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants and rounds as there.

/** Uniform random numbers in [0, 1) from a generator that a checkpoint can reproduce. */
export type Random = () => number;

/** Everything that a generator is: plain numbers that JSON keeps exactly. */
export interface RandomState {
  readonly seed: number;
  readonly stream: number;
  readonly position: number;
  /** Numbers drawn so far at this position. */
  readonly drawn: number;
}

/** What a stream of numbers is for; equal seeds give unrelated numbers in different streams. */
export const streams = { order: 1, augmentation: 2, weights: 3 } as const;

/**
 * Uniform numbers in [0, 1), 32 bits each, keyed by (seed, stream, position).
 * `position` is a step or an epoch: each one has 2^32 numbers of its own.
 */
export class CounterRandom {
  readonly #seed: number;
  readonly #stream: number;
  readonly #position: number;
  #drawn: number;
  #block: Uint32Array;

  constructor(seed: number, stream: number, position: number, drawn = 0) {
    this.#seed = seed;
    this.#stream = stream;
    this.#position = position;
    this.#drawn = drawn;
    this.#block = this.#blockAt(drawn);
  }

  static from(state: RandomState): CounterRandom {
    return new CounterRandom(state.seed, state.stream, state.position, state.drawn);
  }

  get state(): RandomState {
    return { seed: this.#seed, stream: this.#stream, position: this.#position, drawn: this.#drawn };
  }

  /** The next number in [0, 1). */
  next(): number {
    return this.#word() / 2 ** 32;
  }

  /** A whole number in [0, count), without the bias that a plain remainder would have. */
  below(count: number): number {
    const unbiased = Math.floor(2 ** 32 / count) * count;
    let word = this.#word();
    while (word >= unbiased) word = this.#word();
    return word % count;
  }

  #word(): number {
    if (this.#drawn % 4 === 0) this.#block = this.#blockAt(this.#drawn);
    const word = this.#block[this.#drawn % 4]!;
    this.#drawn += 1;
    return word;
  }

  #blockAt(drawn: number): Uint32Array {
    const { low: seedLow, high: seedHigh } = halves(this.#seed);
    const { low, high } = halves(this.#position);
    return philox([Math.floor(drawn / 4), low, high, this.#stream], [seedLow, seedHigh]);
  }
}

/** Random numbers as `PreparedData.trainBatch` wants them. */
export function randomAt(seed: number, stream: number, position: number): Random {
  const generator = new CounterRandom(seed, stream, position);
  return () => generator.next();
}

/** One block of four 32-bit words for a 128-bit counter and a 64-bit key. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array<ArrayBuffer> {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round += 1) {
    const first = multiply(0xd2511f53, c0);
    const second = multiply(0xcd9e8d57, c2);
    c0 = (second.high ^ c1 ^ k0) >>> 0;
    c1 = second.low;
    c2 = (first.high ^ c3 ^ k1) >>> 0;
    c3 = first.low;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** The 64-bit product of two 32-bit numbers. */
function multiply(a: number, b: number): { low: number; high: number } {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  // Both partial products stay below 2^48 and so are exact.
  const upper = aHigh * b;
  const lower = aLow * b;
  const middle = lower + (upper % 0x10000) * 0x10000;
  return { low: Math.imul(a, b) >>> 0, high: Math.floor(upper / 0x10000) + Math.floor(middle / 2 ** 32) };
}

function halves(value: number): { low: number; high: number } {
  return { low: value >>> 0, high: Math.floor(value / 2 ** 32) >>> 0 };
}
