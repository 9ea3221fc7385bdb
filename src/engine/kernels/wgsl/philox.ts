// Philox 4x32-10: random bits from a counter and a key (Salmon et al. 2011, "Parallel random numbers: as easy as
// 1, 2, 3"). Four numbers a call, no state.

/** `philox(counter, key, rounds)`; the number of rounds is an argument so that it can be hidden (see `bound`). */
export const philoxSource = (): string => `fn mul_high(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let low = al * bl;
  let middle = ah * bl + (low >> 16u);
  let carry = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (carry >> 16u);
}
fn philox(counter: vec4<u32>, key: vec2<u32>, rounds: u32) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < rounds; round++) {
    c = vec4<u32>(
      mul_high(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z,
      mul_high(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

export const PHILOX_ROUNDS = 10;

/** Bits at or above this keep an element that is dropped with `probability`. */
export function keepThreshold(probability: number): number {
  return Math.min(0xffffffff, Math.round(probability * 2 ** 32));
}
