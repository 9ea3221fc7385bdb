// The checksum of a file of any size.
import { UserError } from '../errors';
import { crc32 } from './crc32';

/** Read at once: short enough for a page that draws meanwhile. */
const pieceBytes = 2 ** 21;

/**
 * CRC-32 of a file, of which one piece is in memory at a time.
 * @param path only named in errors.
 * @param onBytes hears of each piece.
 * @throws UserError `file-unreadable`
 */
export async function checksumOf(
  blob: Blob,
  path: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<number> {
  let crc = 0;
  for (let begin = 0; begin < blob.size; begin += pieceBytes) {
    let bytes: ArrayBuffer;
    try {
      bytes = await blob.slice(begin, begin + pieceBytes).arrayBuffer();
    } catch (cause) {
      const message = `The file can no longer be read: it was moved, changed or removed since you chose it. Choose it again (${path})`;
      throw new UserError('file-unreadable', message, { path }, { cause });
    }
    crc = crc32(new Uint8Array(bytes), crc);
    onBytes(bytes.byteLength);
  }
  return crc;
}
