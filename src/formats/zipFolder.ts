// Unpacks a .zip of any size as files: stored ones stay where they are, deflated ones stream.
import { Inflate } from 'fflate';
import { UserError } from '../errors';
import {
  findDirectory,
  crc32,
  largestTailBytes,
  readDirectory,
  refuseExplosion,
  startOfBytes,
  type ZipRecord,
} from './zip';

export interface ZippedFile {
  /** With forward slashes, inside the archive. */
  readonly path: string;
  readonly blob: Blob;
}

/** Unpacked bytes are handed to the browser, which may keep them on disk, in pieces of this size. */
const pieceBytes = 2 ** 24;
/** One step inflates at most 1,032 times this before its length is looked at. */
const stepBytes = 2 ** 13;

/**
 * Unpacks all files that `wanted` accepts. Stored files are slices of the archive, not copies.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`; refused are paths out of the archive, encryption, sizes over
 * 4 GB, and archives that are made to explode.
 */
export async function unzipFolder(
  archive: Blob,
  archiveName: string,
  wanted: (path: string) => boolean,
  progress?: (path: string, done: number, total: number) => void,
): Promise<ZippedFile[]> {
  const tailStart = Math.max(0, archive.size - largestTailBytes);
  const { offset, count, end } = findDirectory(await bytesOf(archive.slice(tailStart)), archiveName);
  const directory = await bytesOf(archive.slice(offset, tailStart + end));
  const records = readDirectory(directory, count, archiveName).filter(({ name }) => wanted(name));
  refuseExplosion(records, archive.size, archiveName);
  const files: ZippedFile[] = [];
  for (const [i, record] of records.entries()) {
    progress?.(record.name, i, records.length);
    const blob = await unpack(archive, record, `${archiveName}/${record.name.slice(0, 80)}`);
    files.push({ path: record.name.replaceAll('\\', '/'), blob });
  }
  return files;
}

async function unpack(archive: Blob, record: ZipRecord, shown: string): Promise<Blob> {
  const header = await bytesOf(archive.slice(record.localHeader, record.localHeader + 30));
  const start = startOfBytes(header, record, shown);
  const packed = archive.slice(start, start + record.packedBytes);
  if (packed.size < record.packedBytes || (record.method === 0 && packed.size !== record.size)) throw damaged(shown);
  return record.method === 0 ? packed : inflate(packed, record, shown);
}

async function inflate(packed: Blob, record: ZipRecord, shown: string): Promise<Blob> {
  const inflater = new ZipInflater(record, shown);
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
  readonly #record: ZipRecord;
  readonly #shown: string;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #crc = 0;
  /** Bytes that wait to be taken. */
  pieces = 0;

  constructor(record: ZipRecord, shown: string) {
    this.#record = record;
    this.#shown = shown;
    this.#inflate = new Inflate((part) => {
      this.#size += part.length;
      if (this.#size > record.size) throw damaged(shown);
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
    if (last && (this.#size !== this.#record.size || this.#crc !== this.#record.crc)) throw damaged(this.#shown);
  }

  take(): Uint8Array<ArrayBuffer>[] {
    const parts = this.#parts;
    this.#parts = [];
    this.pieces = 0;
    return parts;
  }
}

function damaged(shown: string): UserError {
  const what = 'A file of the archive is damaged; download or save it again';
  return new UserError('zip-broken', `${what} (${shown})`, { path: shown });
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
