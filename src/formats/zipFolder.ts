// Unpacks a .zip of any size as files: stored ones stay where they are, large deflated ones stream.
import { Inflate } from 'fflate';
import { UserError } from '../errors';
import { crc32 } from './crc32';
import { readFile } from './reading';
import { unpack } from './zip';
import { broken, packedRange, readDirectory, shownName, type ZipItem } from './zipDirectory';

export interface ZippedFile {
  /** With forward slashes, inside the archive. */
  readonly path: string;
  readonly blob: Blob;
  /** As the archive says; of stored files nobody has compared it. */
  readonly crc: number;
}

/**
 * Unpacked bytes are handed to the browser, which may keep them on disk, in pieces of this size. Smaller files are
 * unpacked whole: a stream needs half a megabyte whatever its length.
 */
const pieceBytes = 2 ** 24;
/** One step inflates at most 1,032 times this before its length is looked at. */
const stepBytes = 2 ** 13;

/**
 * Unpacks all files that `wanted` accepts. Stored files are slices of the archive, not copies.
 * @param archiveName only named in errors.
 * @throws UserError `file-unreadable`, or with a code that starts with `zip-`; refused are paths out of the archive,
 * encryption, and archives that are made to explode.
 */
export async function unzipFolder(
  archive: Blob,
  archiveName: string,
  wanted: (path: string) => boolean,
  progress?: (path: string, done: number, total: number) => void,
): Promise<ZippedFile[]> {
  const items = await readFile(archive, archiveName, readDirectory(archive.size, archiveName));
  const chosen = items.filter(({ name }) => wanted(name));
  const files: ZippedFile[] = [];
  for (const [i, item] of chosen.entries()) {
    progress?.(item.name, i, chosen.length);
    const shown = shownName(archiveName, item.name);
    const { begin, end } = await readFile(archive, archiveName, packedRange(item, archive.size, shown));
    const packed = archive.slice(begin, end);
    const blob = item.method === 'store' ? packed : await inflate(packed, item, shown);
    files.push({ path: item.name.replaceAll('\\', '/'), blob, crc: item.crc });
  }
  return files;
}

async function inflate(packed: Blob, item: ZipItem, shown: string): Promise<Blob> {
  if (Math.max(item.bytes, item.packedBytes) <= pieceBytes)
    return new Blob([unpack(new Uint8Array(await packed.arrayBuffer()), item, shown)]);
  const inflater = new ZipInflater(item, shown);
  const reader = packed.stream().getReader();
  let whole = new Blob();
  for (;;) {
    const { value, done } = await reader.read();
    inflater.push(value ?? new Uint8Array(0), done);
    if (done || inflater.pieces >= pieceBytes) whole = new Blob([whole, ...inflater.take()]);
    if (done) return whole;
  }
}

/** Inflates one file piece by piece and stops as soon as it is longer than its directory says. */
export class ZipInflater {
  readonly #inflate: Inflate;
  readonly #item: ZipItem;
  readonly #shown: string;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #crc = 0;
  /** Bytes that wait to be taken. */
  pieces = 0;

  constructor(item: ZipItem, shown: string) {
    this.#item = item;
    this.#shown = shown;
    this.#inflate = new Inflate((part) => {
      this.#size += part.length;
      if (this.#size > item.bytes) throw damaged(shown);
      this.#crc = crc32(part, this.#crc);
      this.#parts.push(part);
      this.pieces += part.length;
    });
  }

  /** @throws UserError `zip-broken`, at the end also when length or checksum are wrong. */
  push(bytes: Uint8Array, last: boolean): void {
    try {
      for (let at = 0; at < bytes.length; at += stepBytes) this.#inflate.push(bytes.subarray(at, at + stepBytes));
      if (last) this.#inflate.push(new Uint8Array(0), true);
    } catch (error) {
      throw error instanceof UserError ? error : damaged(this.#shown);
    }
    if (last && (this.#size !== this.#item.bytes || this.#crc !== this.#item.crc)) throw damaged(this.#shown);
  }

  take(): Uint8Array<ArrayBuffer>[] {
    const parts = this.#parts;
    this.#parts = [];
    this.pieces = 0;
    return parts;
  }
}

function damaged(shown: string): UserError {
  return broken('A file of the archive is damaged', shown);
}
