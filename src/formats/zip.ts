// Reads the files of a .zip archive, from bytes in memory or piece by piece from a file.
import { inflateSync } from 'fflate';
import { readRange } from './byteRange';
import { crc32 } from './crc32';
import { badZip, findDirectory, localHeaderBytes, parseDirectory, tailBytes, type ZipItem } from './zipDirectory';

/** One file of an archive in memory; bytes are inflated only on `read`. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** The uncompressed bytes; throws UserError when they are damaged. */
  read(): Uint8Array<ArrayBuffer>;
}

/**
 * Lists an archive's files in the order of its directory.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`.
 */
export function readZip(bytes: Uint8Array, archiveName: string): ZipEntry[] {
  const place = findDirectory(bytes.subarray(Math.max(0, bytes.length - tailBytes)), bytes.length, archiveName);
  const directory = bytes.subarray(place.begin, place.end);
  return parseDirectory(directory, place.count, bytes.length, archiveName).map((item) => ({
    name: item.name,
    size: item.bytes,
    read: () => {
      const shown = shownName(archiveName, item);
      const begin = contentBegin(bytes.subarray(item.localHeader, item.localHeader + localHeaderBytes), item, shown);
      if (begin + item.packedBytes > bytes.length) throw cutOff(shown);
      return unpackItem(new Uint8Array(bytes.subarray(begin, begin + item.packedBytes)), item, shown);
    },
  }));
}

/** One file of an archive that itself stays on disk. */
export interface ZipFileEntry extends ZipItem {
  /** Where the (packed) content begins in the archive. */
  begin(): Promise<number>;
  /** The uncompressed bytes, checked against their checksum. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  /** A part of a stored file, which no checksum covers. */
  readPart(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Lists an archive's files; reads no more than its end and its directory.
 * @throws UserError with a code that starts with `zip-`, here and when an entry is read.
 */
export async function openZip(blob: Blob, archiveName: string): Promise<ZipFileEntry[]> {
  const tail = await readRange(blob, Math.max(0, blob.size - tailBytes), blob.size, archiveName);
  const place = findDirectory(tail, blob.size, archiveName);
  const directory = await readRange(blob, place.begin, place.end, archiveName);
  return parseDirectory(directory, place.count, blob.size, archiveName).map((item) => {
    const shown = shownName(archiveName, item);
    const begin = async (): Promise<number> => {
      const end = Math.min(blob.size, item.localHeader + localHeaderBytes);
      const at = contentBegin(await readRange(blob, Math.min(item.localHeader, end), end, archiveName), item, shown);
      if (at + item.packedBytes > blob.size) throw cutOff(shown);
      return at;
    };
    const readPart = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
      const at = await begin();
      return await readRange(blob, at + from, at + to, archiveName);
    };
    const read = async (): Promise<Uint8Array<ArrayBuffer>> =>
      unpackItem(await readPart(0, item.packedBytes), item, shown);
    return { ...item, begin, read, readPart };
  });
}

function shownName(archiveName: string, { name }: ZipItem): string {
  return `${archiveName}/${name.slice(0, 80)}`;
}

function cutOff(shown: string): Error {
  return badZip('zip-broken', 'The archive is cut off; download or save it again', shown);
}

function contentBegin(header: Uint8Array, { localHeader }: ZipItem, shown: string): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < localHeaderBytes || view.getUint32(0, true) !== 0x04034b50)
    throw badZip('zip-broken', 'A file of the archive is missing or damaged; download or save it again', shown);
  return localHeader + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

function unpackItem(packed: Uint8Array<ArrayBuffer>, item: ZipItem, shown: string): Uint8Array<ArrayBuffer> {
  const out = item.method === 'store' ? packed : inflate(packed, item.bytes);
  if (out?.length !== item.bytes || crc32(out) !== item.crc)
    throw badZip('zip-broken', 'A file of the archive is damaged; download or save it again', shown);
  return out;
}

function inflate(packed: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> | null {
  // Deflate cannot shrink more than 1032 to 1: a larger claim is false and would only take memory.
  if (bytes > packed.length * 1032 + 1024) return null;
  try {
    return inflateSync(packed, { out: new Uint8Array(bytes) });
  } catch {
    return null;
  }
}
