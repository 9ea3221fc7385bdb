// An order of names that does not depend on what else is there.

/** FNV-1a, 32 bits: an order by it does not depend on what else is there. */
export function nameHash(text: string): number {
  let x = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) x = Math.imul(x ^ byte, 0x01000193) >>> 0;
  return x;
}
