// Bits of an H.264 NAL unit's header, read one after the other (ITU-T H.264, 7.2 and 9.1).

/** No header that is read here is longer. */
const mostHeader = 1000;

/** Bits of a NAL unit without the bytes that keep start codes out of it. */
export class Bits {
  readonly #bytes: Uint8Array;
  /** Where the first byte was left out. */
  readonly #padding: number;
  #at = 0;

  constructor(unit: Uint8Array) {
    const bytes: number[] = [];
    let padding = Infinity;
    for (const [i, byte] of unit.subarray(0, mostHeader).entries())
      if (!(byte === 3 && i >= 2 && unit[i - 1] === 0 && unit[i - 2] === 0)) bytes.push(byte);
      else padding = Math.min(padding, i);
    this.#bytes = Uint8Array.from(bytes);
    this.#padding = padding;
  }

  get place(): number {
    return this.#at;
  }

  /** Whether a byte before this bit was left out. */
  hasPadding(bit: number): boolean {
    return this.#padding * 8 < bit;
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.#at > 8 * this.#bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++)
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    return value;
  }

  /** ue(v) */
  golomb(): number {
    let zeros = 0;
    while (zeros < 32 && !this.isOver && this.read(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** se(v) */
  signedGolomb(): number {
    const value = this.golomb();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}
