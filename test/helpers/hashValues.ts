// Numbers from a name, the same in every language: what the recordings' README calls its formula.

/** The formula of the recordings' README for values that no file stores: `count` values in [-1, 1). */
export function hashValues(name: string, count: number): Float64Array {
  let base = 2166136261;
  for (const byte of new TextEncoder().encode(name)) base = Math.imul(base ^ byte, 16777619) >>> 0;
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = (base + Math.imul(i, 0x9e3779b9)) >>> 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    out[i] = (x >>> 8) / 2 ** 23 - 1;
  }
  return out;
}
