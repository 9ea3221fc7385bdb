// Reads .zip archives by their central directory; refuses encrypted, escaping and exploding ones.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
import { inflateSync } from 'fflate';
import { UserError } from '../errors';
import { leavesFolder } from './filePaths';
import { decodeText } from './text';

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

/** What an archive's directory says about one file. */
export interface ZipRecord {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly size: number;
  /** Where the file's own header begins, from the start of the archive. */
  readonly localHeader: number;
}

/**
 * Lists an archive's files in the order of its directory.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`.
 */
export function readZip(bytes: Uint8Array, archiveName: string): ZipEntry[] {
  const { offset, count, end } = findDirectory(bytes, archiveName);
  const records = readDirectory(bytes.subarray(offset, end), count, archiveName);
  const total = records.reduce((sum, { size }) => sum + size, 0);
  if (total > largestTotalBytes) throw bomb(total, archiveName);
  refuseExplosion(records, bytes.length, archiveName);
  return records.map((record) => ({
    name: record.name,
    size: record.size,
    read: () => readRecord(bytes, record, `${archiveName}/${record.name.slice(0, 80)}`),
  }));
}

/** Longest end of an archive in which its end record can lie: the record and a comment. */
export const largestTailBytes = 22 + 0xffff;

/**
 * Finds the directory from an archive's last bytes: where it begins in the whole archive, how many files it lists, and
 * where it must have ended in `tail`.
 */
export function findDirectory(tail: Uint8Array, archiveName: string): { offset: number; count: number; end: number } {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let end = tail.length - 22;
  while (end >= 0 && end >= tail.length - largestTailBytes && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || end < tail.length - largestTailBytes)
    throw bad('zip-broken', 'This is not a zip archive, or it is cut off; download or save it again', archiveName);
  const count = view.getUint16(end + 10, true);
  const offset = view.getUint32(end + 16, true);
  if (count === 0xffff || offset === 0xffffffff)
    throw bad('zip-too-large', 'The archive is larger than 4 GB; save it in parts', archiveName);
  return { offset, count, end };
}

/** Parses a directory of `count` files, folders left out. */
export function readDirectory(directory: Uint8Array, count: number, archiveName: string): ZipRecord[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const records: ZipRecord[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== 0x02014b50)
      throw bad('zip-broken', 'The directory of the archive is damaged; download or save it again', archiveName);
    const nameLength = view.getUint16(at + 28, true);
    if (at + 46 + nameLength > directory.length)
      throw bad('zip-broken', 'The directory of the archive is damaged', archiveName);
    const record = parseRecord(view, at, directory.subarray(at + 46, at + 46 + nameLength), archiveName);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (record.name.endsWith('/')) continue;
    if (names.has(record.name))
      throw bad('zip-broken', `Two files of the archive are called "${record.name}"`, archiveName);
    names.add(record.name);
    records.push(record);
  }
  return records;
}

/** Refuses an archive made to fill the memory: far too well packed, or files that share their bytes. */
export function refuseExplosion(records: readonly ZipRecord[], archiveBytes: number, archiveName: string): void {
  const total = records.reduce((sum, { size }) => sum + size, 0);
  if (total > ratioMattersFromBytes && total > largestRatio * archiveBytes) throw bomb(total, archiveName);
  const order = [...records].sort((a, b) => a.localHeader - b.localHeader);
  for (const [i, { localHeader, packedBytes }] of order.entries()) {
    const next = order[i + 1];
    if (next !== undefined && localHeader + 30 + packedBytes > next.localHeader) throw bomb(total, archiveName);
  }
}

function bomb(total: number, archiveName: string): UserError {
  const megabytes = Math.round(total / 1e6);
  return bad('zip-bomb', `The archive would unpack to ${megabytes} MB; save its files in parts`, archiveName);
}

/** Where a file's bytes begin, from the 30 bytes at its `localHeader`. */
export function startOfBytes(header: Uint8Array, record: ZipRecord, shown: string): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < 30 || view.getUint32(0, true) !== 0x04034b50)
    throw bad('zip-broken', 'A file of the archive is missing or damaged; download or save it again', shown);
  return record.localHeader + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

function parseRecord(view: DataView, at: number, nameBytes: Uint8Array, archiveName: string): ZipRecord {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const packedBytes = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  // Chinese Windows writes names in GBK.
  const name = decodeText(nameBytes).text;
  const shown = `${archiveName}/${name.slice(0, 80)}`;
  if (leavesFolder(name))
    throw bad('zip-path', 'A file of the archive points outside it; do not trust this archive', shown);
  if (packedBytes === 0xffffffff || size === 0xffffffff)
    throw bad('zip-too-large', 'A file is larger than 4 GB; save it in parts', shown);
  if (flags & 1)
    throw bad('zip-encrypted', 'The archive is encrypted; unpack it and save it without a password', shown);
  if (method !== 0 && method !== 8)
    throw bad('zip-method', `Compression method ${method} is not supported; save with store or deflate`, shown);
  return {
    name,
    method,
    crc: view.getUint32(at + 16, true),
    packedBytes,
    size,
    localHeader: view.getUint32(at + 42, true),
  };
}

function readRecord(bytes: Uint8Array, record: ZipRecord, shown: string): Uint8Array<ArrayBuffer> {
  const header = bytes.subarray(record.localHeader, record.localHeader + 30);
  const start = startOfBytes(header, record, shown);
  const end = start + record.packedBytes;
  if (end > bytes.length) throw bad('zip-broken', 'The archive is cut off; download or save it again', shown);
  const out = unpack(bytes.subarray(start, end), record.method, record.size);
  if (out?.length !== record.size || crc32(out) !== record.crc)
    throw bad('zip-broken', 'A file of the archive is damaged; download or save it again', shown);
  return out;
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

/** The checksum of `bytes` that follow bytes with the checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let x = ~before >>> 0;
  for (let i = 0; i < bytes.length; i++) x = crcTable[(x ^ bytes[i]!) & 0xff]! ^ (x >>> 8);
  return (x ^ 0xffffffff) >>> 0;
}
