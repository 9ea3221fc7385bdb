// Records of little-endian numbers, as the headers of zip archives are.

/** A record of little-endian numbers, filled from its start. */
export class Fields {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    return this.skip(2);
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    return this.skip(4);
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    return this.skip(8);
  }

  /** Leaves bytes at zero. */
  skip(count: number): this {
    this.#at += count;
    return this;
  }

  /** Fills the rest. */
  fill(byte: number): this {
    this.bytes.fill(byte, this.#at);
    return this;
  }
}
