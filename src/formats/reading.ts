// Readers that ask for parts of a file and go on with their bytes: the same code reads a file on disk and one in memory.
import { invariant, UserError } from '../errors';

export interface ByteRange {
  readonly begin: number;
  /** Exclusive, and never past the end of the file. */
  readonly end: number;
}

/** A reader under way: it yields the range that it needs next and is resumed with a copy of these bytes. */
export type Reading<T> = Generator<ByteRange, T, Uint8Array<ArrayBuffer>>;

/**
 * Runs a reader on a file, of which only the asked-for parts come into memory.
 * @throws UserError `file-unreadable` when the file was moved, changed or removed since it was chosen.
 */
export async function readFile<T>(blob: Blob, name: string, reading: Reading<T>): Promise<T> {
  let next = reading.next();
  while (!next.done) {
    const { begin, end } = checked(next.value, blob.size);
    let bytes: ArrayBuffer;
    try {
      bytes = await blob.slice(begin, end).arrayBuffer();
    } catch (cause) {
      throw new UserError(
        'file-unreadable',
        `The file can no longer be read: it was moved, changed or removed since you chose it. Choose it again (${name})`,
        { path: name },
        { cause },
      );
    }
    next = reading.next(new Uint8Array(bytes));
  }
  return next.value;
}

/** Runs a reader on bytes in memory. */
export function readBytes<T>(bytes: Uint8Array, reading: Reading<T>): T {
  let next = reading.next();
  while (!next.done) {
    const { begin, end } = checked(next.value, bytes.length);
    // Node's Buffer is a Uint8Array whose `slice` does not copy.
    next = reading.next(new Uint8Array(bytes.subarray(begin, end)));
  }
  return next.value;
}

function checked(range: ByteRange, size: number): ByteRange {
  const { begin, end } = range;
  invariant(0 <= begin && begin <= end && end <= size, `bytes ${begin} to ${end} asked for of ${size}`);
  return range;
}
