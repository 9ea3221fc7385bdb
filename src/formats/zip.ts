// Reads the files of a .zip archive one at a time.
import { inflateSync } from 'fflate';
import { crc32 } from './crc32';
import { readBytes, type Reading } from './reading';
import { badZip, findDirectory, localHeaderBytes, parseDirectory, tailBytes, type ZipItem } from './zipDirectory';

/** One file of an archive; its bytes are read and inflated only when they are asked for. */
export interface ZipFile extends ZipItem {
  /** The uncompressed bytes, checked against their checksum. Throws UserError when they are damaged. */
  content(): Reading<Uint8Array<ArrayBuffer>>;
  /** The first bytes, at most `count`, which no checksum covers. */
  head(count: number): Reading<Uint8Array>;
  /** A part of a stored file, which no checksum covers. */
  part(begin: number, end: number): Reading<Uint8Array<ArrayBuffer>>;
}

/**
 * Lists an archive's files in the order of its directory; reads no more than that and the archive's end.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`.
 */
export function* zipFiles(archiveBytes: number, archiveName: string): Reading<ZipFile[]> {
  const tail = yield { begin: Math.max(0, archiveBytes - tailBytes), end: archiveBytes };
  const place = findDirectory(tail, archiveBytes, archiveName);
  const directory = yield place;
  return parseDirectory(directory, place.count, archiveBytes, archiveName).map((item) => {
    const shown = `${archiveName}/${item.name.slice(0, 80)}`;
    function* part(from: number, to: number): Reading<Uint8Array<ArrayBuffer>> {
      const start = yield* contentStart(item, archiveBytes, shown);
      return yield { begin: start + from, end: start + to };
    }
    function* content(): Reading<Uint8Array<ArrayBuffer>> {
      const packed = yield* part(0, item.packedBytes);
      const out = item.method === 'store' ? packed : inflate(packed, item.bytes);
      if (out?.length !== item.bytes || crc32(out) !== item.crc)
        throw badZip('zip-broken', 'A file of the archive is damaged; download or save it again', shown);
      return out;
    }
    function* head(count: number): Reading<Uint8Array> {
      if (item.method === 'store') return yield* part(0, Math.min(count, item.bytes));
      return inflateHead(yield* part(0, Math.min(count + largestBlock, item.packedBytes)), Math.min(count, item.bytes));
    }
    return { ...item, content, part, head };
  });
}

/** One file of an archive in memory. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** The uncompressed bytes; throws UserError when they are damaged. */
  read(): Uint8Array<ArrayBuffer>;
}

/** The files of an archive in memory; see `zipFiles`. */
export function readZip(bytes: Uint8Array, archiveName: string): ZipEntry[] {
  return readBytes(bytes, zipFiles(bytes.length, archiveName)).map((file) => ({
    name: file.name,
    size: file.bytes,
    read: () => readBytes(bytes, file.content()),
  }));
}

/** A stored block inside deflated data has at most so many bytes, and is inflated as a whole or not at all. */
const largestBlock = 65_600;

function inflateHead(packed: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count + largestBlock);
  try {
    inflateSync(packed, { out });
  } catch {
    // The packed bytes end in mid-stream; what came before is in place, and zeros follow.
  }
  return out.subarray(0, count);
}

function* contentStart(item: ZipItem, archiveBytes: number, shown: string): Reading<number> {
  const { localHeader, packedBytes } = item;
  const end = localHeader + localHeaderBytes;
  const header = end > archiveBytes ? new Uint8Array(localHeaderBytes) : yield { begin: localHeader, end };
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== 0x04034b50)
    throw badZip('zip-broken', 'A file of the archive is missing or damaged; download or save it again', shown);
  const start = end + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packedBytes > archiveBytes)
    throw badZip('zip-broken', 'The archive is cut off; download or save it again', shown);
  return start;
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
