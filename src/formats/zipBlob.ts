// A .zip of stored files as a Blob that refers to them: what lies on disk stays there, whatever its size.
// Format: PKWARE APPNOTE 6.3.10, with its 64-bit numbers (4.3.14, 4.5.3) where 32 bits do not reach.
import type { DataFile } from './dataFile';
import type { Progress } from './progress';
import { checksumOf } from './checksumOf';
import { joinedBytes } from './joined';
import { Fields } from './zipFields';

interface Entry {
  readonly name: Uint8Array;
  readonly bytes: number;
  readonly crc: number;
  readonly offset: number;
}

/** Names are UTF-8. */
const flags = 0x0800;
const plainVersion = 20;
const wideVersion = 45;
const wide = 0xffffffff;
/** 1 January 1980, the first day that the format knows: equal files give equal bytes. */
const date = 0x0021;

/** The size of the archive of these files, exact. */
export function zippedBytes(files: readonly DataFile[]): number {
  const zip = new ZipLayout();
  for (const { path, blob } of files) zip.add(path, blob.size, 0);
  return zip.bytes + zip.directory().reduce((sum, part) => sum + part.length, 0);
}

/**
 * Reads every file once, for its checksum, and a second time only when the Blob is read.
 * @throws UserError `file-unreadable` for a file that went meanwhile.
 */
export async function zipBlob(files: readonly DataFile[], progress?: Progress): Promise<Blob> {
  const zip = new ZipLayout();
  const parts: (Uint8Array<ArrayBuffer> | Blob)[] = [];
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  let done = 0;
  for (const { path, blob } of files) {
    const crc = await checksumOf(blob, path, (bytes) => progress?.(path, (done += bytes), total));
    parts.push(zip.add(path, blob.size, crc), blob);
  }
  return new Blob([...parts, ...zip.directory()], { type: 'application/zip' });
}

/** Where files lie one after the other, and the directory behind them. */
export class ZipLayout {
  readonly #entries: Entry[] = [];
  /** So far, contents included. */
  bytes = 0;

  /** The header of a file, whose content follows. */
  add(path: string, bytes: number, crc: number): Uint8Array<ArrayBuffer> {
    const name = new TextEncoder().encode(path);
    const isWide = bytes >= wide;
    const header = new Fields(30)
      .u32(0x04034b50)
      .u16(isWide ? wideVersion : plainVersion)
      .u16(flags)
      .skip(4)
      .u16(date)
      .u32(crc)
      .u32(isWide ? wide : bytes)
      .u32(isWide ? wide : bytes)
      .u16(name.length)
      .u16(isWide ? 20 : 0);
    const extra = isWide ? new Fields(20).u16(1).u16(16).u64(bytes).u64(bytes).bytes : new Uint8Array(0);
    this.#entries.push({ name, bytes, crc, offset: this.bytes });
    const whole = joinedBytes([header.bytes, name, extra]);
    this.bytes += whole.length + bytes;
    return whole;
  }

  /** What ends the archive. */
  directory(): Uint8Array<ArrayBuffer>[] {
    const entries = this.#entries.map(directoryEntry);
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    const count = entries.length;
    const isWide = this.bytes >= wide || bytes >= wide || count >= 0xffff;
    const end = new Fields(22)
      .u32(0x06054b50)
      .skip(4)
      .u16(isWide ? 0xffff : count)
      .u16(isWide ? 0xffff : count)
      .u32(isWide ? wide : bytes)
      .u32(isWide ? wide : this.bytes);
    return [...entries, ...(isWide ? [wideEnd(count, bytes, this.bytes)] : []), end.bytes];
  }
}

function directoryEntry({ name, bytes, crc, offset }: Entry): Uint8Array<ArrayBuffer> {
  const numbers = [...(bytes >= wide ? [bytes, bytes] : []), ...(offset >= wide ? [offset] : [])];
  const extra = new Fields(numbers.length === 0 ? 0 : 4 + 8 * numbers.length);
  if (numbers.length > 0) extra.u16(1).u16(8 * numbers.length);
  for (const number of numbers) extra.u64(number);
  const version = numbers.length > 0 ? wideVersion : plainVersion;
  const fields = new Fields(46)
    .u32(0x02014b50)
    .u16(version)
    .u16(version)
    .u16(flags)
    .skip(4)
    .u16(date)
    .u32(crc)
    .u32(Math.min(bytes, wide))
    .u32(Math.min(bytes, wide))
    .u16(name.length)
    .u16(extra.bytes.length)
    .skip(10)
    .u32(Math.min(offset, wide));
  return joinedBytes([fields.bytes, name, extra.bytes]);
}

/** The end of the directory in 64 bits, and the pointer to it. */
function wideEnd(count: number, bytes: number, begin: number): Uint8Array<ArrayBuffer> {
  const record = new Fields(56).u32(0x06064b50).u64(44).u16(wideVersion).u16(wideVersion).skip(8);
  record.u64(count).u64(count).u64(bytes).u64(begin);
  const pointer = new Fields(20)
    .u32(0x07064b50)
    .skip(4)
    .u64(begin + bytes)
    .u32(1);
  return joinedBytes([record.bytes, pointer.bytes]);
}
