// The directory that ends a .zip of stored files, with 64-bit numbers where 32 bits do not reach.
// Format: PKWARE APPNOTE 6.3.10 (4.3.12 to 4.3.16, 4.5.3).
import { joinedBytes } from './joined';
import { Fields } from './zipFields';

/** A file of the archive, stored as it is. */
export interface StoredEntry {
  /** UTF-8. */
  readonly name: Uint8Array;
  readonly bytes: number;
  readonly crc: number;
  /** Of its header. */
  readonly offset: number;
}

/** What all files of an archive have alike. */
export interface EntryMarks {
  /** General purpose flags. */
  readonly flags: number;
  /** In MS-DOS's format. */
  readonly date: number;
}

/** What a reader must know: files as such, and 64-bit numbers. */
export const plainVersion = 20;
export const wideVersion = 45;
/** From here on a number does not fit into 32 bits, and stands for one of 64. */
export const wide = 0xffffffff;

/** The directory of these files, which begins at `begin`, and what ends the archive. */
export function directoryOf(
  entries: readonly StoredEntry[],
  marks: EntryMarks,
  begin: number,
): Uint8Array<ArrayBuffer>[] {
  const parts = entries.map((entry) => directoryEntry(entry, marks));
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const count = parts.length;
  const isWide = begin >= wide || bytes >= wide || count >= 0xffff;
  const end = new Fields(22)
    .u32(0x06054b50)
    .skip(4)
    .u16(isWide ? 0xffff : count)
    .u16(isWide ? 0xffff : count)
    .u32(isWide ? wide : bytes)
    .u32(isWide ? wide : begin);
  return [...parts, ...(isWide ? [wideEnd(count, bytes, begin)] : []), end.bytes];
}

function directoryEntry(
  { name, bytes, crc, offset }: StoredEntry,
  { flags, date }: EntryMarks,
): Uint8Array<ArrayBuffer> {
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
