// Reads the files of a .zip archive one at a time.
import { inflateSync } from 'fflate';
import { crc32 } from './crc32';
import { readBytes, type Reading } from './reading';
import { broken, packedRange, readDirectory, shownName, tooLarge, type ZipItem } from './zipDirectory';

/** Deflated files come into memory whole; more than this is refused. */
const largestInflatedBytes = 2_000_000_000;

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
  const items = yield* readDirectory(archiveBytes, archiveName);
  const inflated = items.reduce((sum, { method, bytes }) => (method === 'deflate' ? sum + bytes : sum), 0);
  if (inflated > largestInflatedBytes) throw tooLarge(inflated, archiveName);
  return items.map((item) => {
    const shown = shownName(archiveName, item.name);
    function* part(from: number, to: number): Reading<Uint8Array<ArrayBuffer>> {
      const { begin } = yield* packedRange(item, archiveBytes, shown);
      return yield { begin: begin + from, end: begin + to };
    }
    function* content(): Reading<Uint8Array<ArrayBuffer>> {
      return unpack(yield* part(0, item.packedBytes), item, shown);
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

/** The uncompressed bytes of a file from its packed ones. Throws UserError `zip-broken` where they are damaged. */
export function unpack(packed: Uint8Array<ArrayBuffer>, item: ZipItem, shown: string): Uint8Array<ArrayBuffer> {
  const out = item.method === 'store' ? packed : inflate(packed, item.bytes);
  // torch.save can be told to compute none, and writes 0.
  if (out?.length !== item.bytes || (item.crc !== 0 && crc32(out) !== item.crc))
    throw broken('A file of the archive is damaged', shown);
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
