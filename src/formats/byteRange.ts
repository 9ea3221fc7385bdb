// Reads a part of a file, however large the file is.
import { invariant, UserError } from '../errors';

/**
 * Bytes `begin` to `end` (exclusive), which must lie within the file.
 * @throws UserError `file-unreadable` when the file was moved, changed or removed since it was chosen.
 */
export async function readRange(
  blob: Blob,
  begin: number,
  end: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  invariant(0 <= begin && begin <= end && end <= blob.size, `bytes ${begin} to ${end} of ${blob.size} of ${name}`);
  try {
    return new Uint8Array(await blob.slice(begin, end).arrayBuffer());
  } catch (cause) {
    throw new UserError(
      'file-unreadable',
      `The file can no longer be read; it was moved, changed or removed since you chose it. Choose it again (${name})`,
      { path: name },
      { cause },
    );
  }
}
