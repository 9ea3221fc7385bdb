// SHA-256 of files that are too large for the browser's own digest, which wants all bytes at once.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** The checksum in hexadecimal; `onBytes` hears how far it is. */
export async function sha256Of(blob: Blob, onBytes: (done: number) => void = () => undefined): Promise<string> {
  const hash = sha256.create();
  const reader = blob.stream().getReader();
  let done = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    hash.update(next.value);
    done += next.value.length;
    onBytes(done);
  }
  return bytesToHex(hash.digest());
}
