// Writes a .zip of stored files piece by piece, each file's bytes at a multiple of 64 as torch lays them out.
// Format: PKWARE APPNOTE 6.3.10; checksums follow the bytes in data descriptors, so nothing is read twice.
import { joinedBytes } from './joined';
import { invariant, UserError } from '../errors';
import { crc32 } from './crc32';
import { Fields } from './zipFields';
import { directoryOf, plainVersion, wide, type StoredEntry } from './zipRecords';

const alignment = 64;
/** Names are UTF-8; checksum and size follow the bytes. */
const marks = { flags: 0x0808, date: 0 };

/** Collects what the directory needs while its pieces are written one after the other. */
export class ZipWriter {
  readonly #files: StoredEntry[] = [];
  #at = 0;

  /**
   * The header of a file, its content (or the same bytes of another file) and what follows it.
   * @throws UserError `pth-too-large` beyond 4 GB.
   */
  *file(
    name: string,
    content: Uint8Array<ArrayBuffer>,
    stored?: Blob | null,
  ): Generator<Uint8Array<ArrayBuffer> | Blob, void> {
    const encoded = new TextEncoder().encode(name);
    const offset = this.#at;
    const unpadded = offset + 30 + encoded.length + 4;
    const padding = (alignment - (unpadded % alignment)) % alignment;
    this.#at = unpadded + padding + content.length + 16;
    if (this.#at > wide)
      throw new UserError('pth-too-large', 'A .pth file of more than 4 GB cannot be written; save as .safetensors.');
    const crc = crc32(content);
    this.#files.push({ name: encoded, crc, bytes: content.length, offset });
    const header = new Fields(30)
      .u32(0x04034b50)
      .u16(plainVersion)
      .u16(marks.flags)
      .skip(18)
      .u16(encoded.length)
      .u16(4 + padding);
    // torch marks the padding by the letters FB.
    const extra = new Fields(4 + padding).u16(0x4246).u16(padding).fill(0x5a);
    yield joinedBytes([header.bytes, encoded, extra.bytes]);
    yield stored ?? content;
    yield new Fields(16).u32(0x08074b50).u32(crc).u32(content.length).u32(content.length).bytes;
  }

  /** The directory, which ends the archive. */
  end(): Uint8Array<ArrayBuffer> {
    invariant(this.#files.length < 0xffff, `${this.#files.length} files in one archive`);
    return joinedBytes(directoryOf(this.#files, marks, this.#at));
  }
}
