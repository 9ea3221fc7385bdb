// The checksum of zip archives, CRC-32 (IEEE 802.3), four bytes at a time.

// tables[k][b] advances byte b by k further zero bytes.
const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let x = byte;
  for (let bit = 0; bit < 8; bit++) x = x & 1 ? (x >>> 1) ^ 0xedb88320 : x >>> 1;
  tables[0]![byte] = x;
}
for (let k = 1; k < 4; k++)
  for (let byte = 0; byte < 256; byte++) {
    const before = tables[k - 1]![byte]!;
    tables[k]![byte] = (before >>> 8) ^ tables[0]![before & 255]!;
  }
const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** Checksum of bytes; `former` is that of what came before them. */
export function crc32(bytes: Uint8Array, former = 0): number {
  let x = ~former;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    x ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    x = t3[x & 255]! ^ t2[(x >>> 8) & 255]! ^ t1[(x >>> 16) & 255]! ^ t0[x >>> 24]!;
  }
  for (; i < bytes.length; i++) x = (x >>> 8) ^ t0[(x ^ bytes[i]!) & 255]!;
  return ~x >>> 0;
}
