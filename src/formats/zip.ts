// Reads .zip archives by their central directory; refuses encrypted, escaping and exploding ones.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
import { inflateSync } from 'fflate';
import { UserError } from '../errors';
import { leavesFolder } from './filePaths';

/** One file of an archive; bytes are inflated only on `read`. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** The uncompressed bytes; throws UserError when they are damaged. */
  read(): Uint8Array<ArrayBuffer>;
}

/** More than this is refused: the page could not hold it. */
const largestTotalBytes = 2_000_000_000;
/** A large archive that shrinks this well was made to fill the memory. */
const largestRatio = 500;
const ratioMattersFromBytes = 256_000_000;

function bad(code: string, what: string, name: string): UserError {
  return new UserError(code, `${what} (${name})`, { path: name });
}

/**
 * Lists an archive's files in the order of its directory.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`.
 */
export function readZip(bytes: Uint8Array, archiveName: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0)
    throw bad('zip-broken', 'This is not a zip archive, or it is cut off; download or save it again', archiveName);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff)
    throw bad('zip-too-large', 'The archive is larger than 4 GB; save it in parts', archiveName);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw bad('zip-broken', 'The directory of the archive is damaged; download or save it again', archiveName);
    const { entry, length } = readEntry(bytes, view, at, end, archiveName);
    at += length;
    if (entry.name.endsWith('/')) continue;
    if (names.has(entry.name))
      throw bad('zip-broken', `Two files of the archive are called "${entry.name}"`, archiveName);
    names.add(entry.name);
    total += entry.size;
    entries.push(entry);
  }
  if (total > largestTotalBytes || (total > ratioMattersFromBytes && total > largestRatio * bytes.length))
    throw bad(
      'zip-bomb',
      `The archive would unpack to ${Math.round(total / 1e6)} MB; save the arrays in parts`,
      archiveName,
    );
  return entries;
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}

function readEntry(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  archiveName: string,
): { entry: ZipEntry; length: number } {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const nameLength = view.getUint16(at + 28, true);
  const length = 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const localHeader = view.getUint32(at + 42, true);
  if (at + 46 + nameLength > end) throw bad('zip-broken', 'The directory of the archive is damaged', archiveName);
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
  const shown = `${archiveName}/${name.slice(0, 80)}`;
  if (leavesFolder(name))
    throw bad('zip-path', 'A file of the archive points outside it; do not trust this archive', shown);
  if (packed === 0xffffffff || size === 0xffffffff)
    throw bad('zip-too-large', 'A file is larger than 4 GB; save it in parts', shown);
  if (flags & 1)
    throw bad('zip-encrypted', 'The archive is encrypted; unpack it and save it without a password', shown);
  if (method !== 0 && method !== 8)
    throw bad('zip-method', `Compression method ${method} is not supported; save with store or deflate`, shown);

  const read = (): Uint8Array<ArrayBuffer> => {
    if (localHeader + 30 > bytes.length || view.getUint32(localHeader, true) !== 0x04034b50)
      throw bad('zip-broken', 'A file of the archive is missing or damaged; download or save it again', shown);
    const start = localHeader + 30 + view.getUint16(localHeader + 26, true) + view.getUint16(localHeader + 28, true);
    if (start + packed > bytes.length)
      throw bad('zip-broken', 'The archive is cut off; download or save it again', shown);
    const out = unpack(bytes.subarray(start, start + packed), method, size);
    if (out?.length !== size || crc32(out) !== crc)
      throw bad('zip-broken', 'A file of the archive is damaged; download or save it again', shown);
    return out;
  };
  return { entry: { name, size, read }, length };
}

function unpack(packed: Uint8Array, method: number, size: number): Uint8Array<ArrayBuffer> | null {
  if (method === 0) return Uint8Array.from(packed);
  // Deflate cannot shrink more than 1032 to 1: a larger claim is false and would only take memory.
  if (size > packed.length * 1032 + 1024) return null;
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch {
    return null;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
  let x = i;
  for (let bit = 0; bit < 8; bit++) x = x & 1 ? (x >>> 1) ^ 0xedb88320 : x >>> 1;
  return x;
});

function crc32(bytes: Uint8Array): number {
  let x = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) x = crcTable[(x ^ bytes[i]!) & 0xff]! ^ (x >>> 8);
  return (x ^ 0xffffffff) >>> 0;
}
