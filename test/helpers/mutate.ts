// Seeded damage to files, for tests that want every broken input to end in a UserError.

/** Uniform numbers in [0, 1) from mulberry32, equal for equal seeds. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy with one to four flips, overwritten bytes, deletions, insertions, repeats or a cut-off end. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let out = Uint8Array.from(bytes);
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) out = mutateOnce(out, random);
  return out;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  const at = Math.floor(random() * bytes.length);
  const span = 1 + Math.floor(random() * 8);
  switch (Math.floor(random() * 6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return bytes;
    case 1:
      bytes[at] = Math.floor(random() * 256);
      return bytes;
    case 2:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + span)]);
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), Math.floor(random() * 256), ...bytes.subarray(at)]);
    case 4:
      return Uint8Array.from([...bytes.subarray(0, at + span), ...bytes.subarray(at)]);
    default:
      return bytes.slice(0, at);
  }
}
