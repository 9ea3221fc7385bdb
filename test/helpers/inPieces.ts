// Bytes as a file that is written piece by piece.
import type { FileInPieces } from '../../src/formats/writeWeights';

/** Pieces of `pieceBytes`; with `failAt` reading fails once that many bytes were given. */
export function inPieces(bytes: Uint8Array<ArrayBuffer>, pieceBytes = 1000, failAt = Infinity): FileInPieces {
  return {
    bytes: bytes.length,
    async *pieces() {
      for (let begin = 0; begin < bytes.length; begin += pieceBytes) {
        if (begin >= failAt) throw new Error('as the test wanted');
        yield await Promise.resolve(bytes.subarray(begin, begin + pieceBytes));
      }
    },
  };
}
