// The central directory of a .zip archive, zip64 included: which files lie where, and what is wrong with them.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
import { UserError } from '../errors';
import { leavesFolder } from './filePaths';
import type { ByteRange, Reading } from './reading';
import { decodeText } from './text';

/** What the directory says of one file. */
export interface ZipItem {
  readonly name: string;
  readonly method: 'store' | 'deflate';
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where the file's own header lies in the archive. */
  readonly localHeader: number;
}

/** Where the directory lies. */
interface DirectoryPlace extends ByteRange {
  readonly count: number;
}

/** The end of an archive holds the place of the directory: a comment of up to 65,535 bytes, two records and a pointer. */
const tailBytes = 0xffff + 22 + 20 + 56;
/** Bytes of a file's own header before its name. */
const localHeaderBytes = 30;

/** A large archive that shrinks this well was made to fill the memory. */
const largestRatio = 500;
const ratioMattersFromBytes = 256_000_000;

/** The error for an archive; `name` goes last in the sentence. */
function badZip(code: string, what: string, name: string): UserError {
  return new UserError(code, `${what} (${name})`, { path: name });
}

/** The error for an archive, or a file of one, that cannot be read. */
export function broken(what: string, name: string): UserError {
  return badZip('zip-broken', `${what}; download or save it again`, name);
}

/** How an error names a file of an archive. */
export function shownName(archiveName: string, name: string): string {
  return `${archiveName}/${name.slice(0, 80)}`;
}

/**
 * Lists an archive's files in the order of its directory, folders left out; reads no more than that and the archive's end.
 * @param archiveName only named in errors.
 * @throws UserError with a code that starts with `zip-`: damaged, encrypted, escaping and exploding archives.
 */
export function* readDirectory(archiveBytes: number, archiveName: string): Reading<ZipItem[]> {
  const tail = yield { begin: Math.max(0, archiveBytes - tailBytes), end: archiveBytes };
  const { begin, end, count } = findDirectory(tail, archiveBytes, archiveName);
  const items = parseDirectory(yield { begin, end }, count, archiveName);
  refuseExplosion(items, archiveBytes, archiveName);
  return items;
}

/** Where the packed bytes of a file lie. Throws UserError `zip-broken` when they do not lie in the archive. */
export function* packedRange(item: ZipItem, archiveBytes: number, shown: string): Reading<ByteRange> {
  const headerEnd = item.localHeader + localHeaderBytes;
  if (headerEnd > archiveBytes) throw broken('A file of the archive is missing', shown);
  const view = viewOf(yield { begin: item.localHeader, end: headerEnd });
  if (view.getUint32(0, true) !== 0x04034b50) throw broken('A file of the archive is missing or damaged', shown);
  const begin = headerEnd + view.getUint16(26, true) + view.getUint16(28, true);
  const end = begin + item.packedBytes;
  if (end > archiveBytes) throw broken('The archive is cut off', shown);
  return { begin, end };
}

/** Finds the directory from the last `tailBytes` of an archive (or all of it, when it is shorter). */
function findDirectory(tail: Uint8Array, archiveBytes: number, archiveName: string): DirectoryPlace {
  const view = viewOf(tail);
  const tailStart = archiveBytes - tail.length;
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0) throw broken('This is not a zip archive, or it is cut off', archiveName);
  let [count, bytes, begin] = [
    view.getUint16(at + 10, true),
    view.getUint32(at + 12, true),
    view.getUint32(at + 16, true),
  ];
  if (count === 0xffff || bytes === 0xffffffff || begin === 0xffffffff) {
    const record = zip64Record(view, at, tailStart);
    if (record < 0) throw broken('The directory of the archive is damaged', archiveName);
    count = Number(view.getBigUint64(record + 32, true));
    bytes = Number(view.getBigUint64(record + 40, true));
    begin = Number(view.getBigUint64(record + 48, true));
  }
  if (begin + bytes > tailStart + at || count * 46 > bytes)
    throw broken('The directory of the archive is damaged', archiveName);
  return { begin, end: begin + bytes, count };
}

/** Position in the tail of the record with 64-bit numbers, or -1. */
function zip64Record(view: DataView, end: number, tailStart: number): number {
  if (end < 20 || view.getUint32(end - 20, true) !== 0x07064b50) return -1;
  const at = Number(view.getBigUint64(end - 12, true)) - tailStart;
  return at >= 0 && at + 56 <= end && view.getUint32(at, true) === 0x06064b50 ? at : -1;
}

function parseDirectory(directory: Uint8Array, count: number, archiveName: string): ZipItem[] {
  const view = viewOf(directory);
  const items: ZipItem[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== 0x02014b50)
      throw broken('The directory of the archive is damaged', archiveName);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > directory.length) throw broken('The directory of the archive is damaged', archiveName);
    // Chinese Windows writes names in GBK.
    const name = decodeText(directory.subarray(at + 46, nameEnd)).text;
    const item = readItem(view, { at, nameEnd, extraEnd }, name, shownName(archiveName, name));
    at = extraEnd + view.getUint16(at + 32, true);
    if (name.endsWith('/')) continue;
    if (names.has(name)) throw badZip('zip-broken', `Two files of the archive are called "${name}"`, archiveName);
    names.add(name);
    items.push(item);
  }
  return items;
}

/** Refuses an archive made to fill the memory: far too well packed, or files that share their bytes. */
function refuseExplosion(items: readonly ZipItem[], archiveBytes: number, archiveName: string): void {
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > ratioMattersFromBytes && total > largestRatio * archiveBytes) throw tooLarge(total, archiveName);
  const order = [...items].sort((a, b) => a.localHeader - b.localHeader);
  for (const [i, { localHeader, packedBytes }] of order.entries()) {
    const next = order[i + 1];
    if (next !== undefined && localHeader + localHeaderBytes + packedBytes > next.localHeader)
      throw tooLarge(total, archiveName);
  }
}

/** The error for an archive that cannot be unpacked into memory. */
export function tooLarge(bytes: number, archiveName: string): UserError {
  const megabytes = Math.round(bytes / 1e6);
  return badZip('zip-bomb', `The archive would unpack to ${megabytes} MB; save its files in parts`, archiveName);
}

function readItem(
  view: DataView,
  { at, nameEnd, extraEnd }: { at: number; nameEnd: number; extraEnd: number },
  name: string,
  shown: string,
): ZipItem {
  if (leavesFolder(name))
    throw badZip('zip-path', 'A file of the archive points outside it; do not trust this archive', shown);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1)
    throw badZip('zip-encrypted', 'The archive is encrypted; unpack it and save it without a password', shown);
  if (method !== 0 && method !== 8)
    throw badZip('zip-method', `Compression method ${method} is not supported; save with store or deflate`, shown);
  // 64-bit numbers stand in the extra field, in this order, for those that do not fit 32 bits.
  const wide = zip64Numbers(view, nameEnd, extraEnd);
  const number = (position: number): number => {
    const value = view.getUint32(position, true);
    if (value !== 0xffffffff) return value;
    const long = wide.shift();
    if (long === undefined || !Number.isSafeInteger(long)) throw broken('A file of the archive is damaged', shown);
    return long;
  };
  const [bytes, packedBytes, localHeader] = [number(at + 24), number(at + 20), number(at + 42)];
  if (method === 0 && bytes !== packedBytes) throw broken('A file of the archive is damaged', shown);
  return {
    ...{ name, bytes, packedBytes, localHeader },
    method: method === 0 ? 'store' : 'deflate',
    crc: view.getUint32(at + 16, true),
  };
}

function zip64Numbers(view: DataView, begin: number, end: number): number[] {
  for (let at = begin; at + 4 <= end;) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (next > end) return [];
    if (view.getUint16(at, true) === 1) {
      const numbers: number[] = [];
      for (let place = at + 4; place + 8 <= next; place += 8) numbers.push(Number(view.getBigUint64(place, true)));
      return numbers;
    }
    at = next;
  }
  return [];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
