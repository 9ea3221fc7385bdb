// The checksum of a file of any size.
import { crc32 } from './crc32';
import { readFile, type Reading } from './reading';

/** Read at once: short enough for a page that draws meanwhile. */
const pieceBytes = 2 ** 21;

/**
 * CRC-32 of a file, of which one piece is in memory at a time.
 * @param path only named in errors.
 * @param onBytes hears of each piece.
 * @throws UserError `file-unreadable`
 */
export function checksumOf(blob: Blob, path: string, onBytes?: (bytes: number) => void): Promise<number> {
  return readFile(blob, path, checksum(blob.size, onBytes));
}

function* checksum(size: number, onBytes?: (bytes: number) => void): Reading<number> {
  let crc = 0;
  for (let begin = 0; begin < size; begin += pieceBytes) {
    const bytes = yield { begin, end: Math.min(begin + pieceBytes, size) };
    crc = crc32(bytes, crc);
    onBytes?.(bytes.length);
  }
  return crc;
}
