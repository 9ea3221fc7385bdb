// A .zip of stored files as a Blob that refers to them: what lies on disk stays there, whatever its size.
// Format: PKWARE APPNOTE 6.3.10 (4.3.7, 4.5.3).
import type { DataFile } from './dataFile';
import type { Progress } from './progress';
import { checksumOf } from './checksumOf';
import { joinedBytes } from './joined';
import { Fields } from './zipFields';
import { directoryOf, plainVersion, wide, wideVersion, type StoredEntry } from './zipRecords';

/** Names are UTF-8; 1 January 1980, the first day that the format knows: equal files give equal bytes. */
const marks = { flags: 0x0800, date: 0x0021 };

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
  readonly #entries: StoredEntry[] = [];
  /** So far, contents included. */
  bytes = 0;

  /** The header of a file, whose content follows. */
  add(path: string, bytes: number, crc: number): Uint8Array<ArrayBuffer> {
    const name = new TextEncoder().encode(path);
    const isWide = bytes >= wide;
    const header = new Fields(30)
      .u32(0x04034b50)
      .u16(isWide ? wideVersion : plainVersion)
      .u16(marks.flags)
      .skip(4)
      .u16(marks.date)
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
    return directoryOf(this.#entries, marks, this.bytes);
  }
}
