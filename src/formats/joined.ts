// Arrays one after the other in a new one.

/** All bytes of the parts, in order. */
export function joinedBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(parts));
  place(parts, whole);
  return whole;
}

/** All values of the parts, in order. */
export function joinedFloats(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(lengthOf(parts));
  place(parts, whole);
  return whole;
}

function lengthOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function place<T extends { readonly length: number }>(parts: readonly T[], whole: { set(part: T, at: number): void }) {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
}
