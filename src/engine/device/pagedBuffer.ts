// One long array over as many buffers as the device's limits ask for: parameters, gradients, moments.
import { invariant } from '../../errors';
import type { Location } from './bind';
import type { Buffers } from './buffers';

/** A stretch of an array that has a buffer of its own, in bytes. */
export interface Page {
  readonly begin: number;
  readonly end: number;
}

/** Where an array may be cut: things that lie one after the other, each of which must lie in one buffer. */
export function cutIntoPages(ends: readonly number[], mostBytes: number): Page[] {
  const pages: Page[] = [];
  let [begin, end] = [0, 0];
  for (const next of ends) {
    if (next - begin > mostBytes && end > begin) {
      pages.push({ begin, end });
      begin = end;
    }
    end = next;
  }
  return [...pages, { begin, end }];
}

/** The pages of the first `bytes` bytes. */
export function pagesUpTo(pages: readonly Page[], bytes: number): Page[] {
  return pages.filter(({ begin }) => begin < bytes).map(({ begin, end }) => ({ begin, end: Math.min(end, bytes) }));
}

export class PagedBuffer {
  readonly pages: readonly Page[];
  /** One a page. */
  readonly parts: readonly GPUBuffer[];
  readonly bytes: number;
  readonly #buffers: Buffers;

  constructor(buffers: Buffers, label: string, pages: readonly Page[], usage: GPUBufferUsageFlags) {
    this.#buffers = buffers;
    this.pages = pages;
    this.bytes = pages.at(-1)?.end ?? 0;
    this.parts = pages.map(({ begin, end }, k) =>
      buffers.create(pages.length === 1 ? label : `${label} ${k}`, end - begin, usage),
    );
  }

  /** Where a stretch lies. Throws Bug where it reaches over the end of a page. */
  at(offset: number, bytes: number): Location {
    const page = this.pages.findIndex(({ begin, end }) => begin <= offset && offset + bytes <= end);
    invariant(page >= 0, `no page holds ${bytes} bytes at ${offset}`);
    return { buffer: this.parts[page]!, offset: offset - this.pages[page]!.begin, bytes };
  }

  /** Writes values at an offset in bytes, over as many pages as they take. */
  write(offset: number, values: Float32Array): void {
    for (const [part, from, bytes] of this.#stretches(offset, values.byteLength)) {
      const { begin } = this.pages[part]!;
      const piece = values.subarray((from - offset) / 4, (from - offset + bytes) / 4) as Float32Array<ArrayBuffer>;
      this.#buffers.device.queue.writeBuffer(this.parts[part]!, from - begin, piece);
    }
  }

  /** Copies bytes into JavaScript memory, from as many pages as they lie in. */
  async read(offset: number, bytes: number): Promise<ArrayBuffer> {
    const result = new Uint8Array(bytes);
    for (const [part, from, length] of this.#stretches(offset, bytes)) {
      const read = await this.#buffers.read(this.parts[part]!, from - this.pages[part]!.begin, length);
      result.set(new Uint8Array(read), from - offset);
    }
    return result.buffer;
  }

  /** Records that it is filled with zeros. */
  clear(encoder: GPUCommandEncoder): void {
    for (const part of this.parts) encoder.clearBuffer(part);
  }

  /** What of a stretch lies in which page: number of the page, offset in the array, bytes. */
  *#stretches(offset: number, bytes: number): Generator<readonly [part: number, offset: number, bytes: number], void> {
    for (const [part, { begin, end }] of this.pages.entries()) {
      const [from, to] = [Math.max(begin, offset), Math.min(end, offset + bytes)];
      if (to > from) yield [part, from, to - from];
    }
  }
}
