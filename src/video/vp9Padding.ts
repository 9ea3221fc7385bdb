// Damaged VP9 packets made decodable: libvpx, which browsers decode with, gives up for good where a picture's data ends
// too early, as it does wherever a wrong bit leads it astray; ffmpeg reads zeros then. With zeros behind it both go on.

const zeros = 65_536;

/** A packet with zeros behind each of its pictures. VP9 bitstream specification, Annex B: superframes. */
export function paddedVp9(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const listed = superframeSizes(packet);
  const sizes = listed ?? [packet.length];
  // One byte shows an earlier picture again.
  const padded = sizes.map((size) => (size > 1 ? size + zeros : size));
  const index = listed ? indexOf(padded) : new Uint8Array(0);
  const out = new Uint8Array(padded.reduce((sum, size) => sum + size, index.length));
  let [from, to] = [0, 0];
  for (const [i, size] of sizes.entries()) {
    out.set(packet.subarray(from, from + size), to);
    from += size;
    to += padded[i]!;
  }
  out.set(index, to);
  return out;
}

/** Sizes of the pictures that a superframe's index lists, or null where there is no sound index. */
function superframeSizes(packet: Uint8Array): number[] | null {
  const marker = packet[packet.length - 1] ?? 0;
  if (marker >> 5 !== 0b110) return null;
  const count = (marker & 7) + 1;
  const width = ((marker >> 3) & 3) + 1;
  const start = packet.length - 2 - count * width;
  if (start < 0 || packet[start] !== marker) return null;
  const sizes = Array.from({ length: count }, (_, i) => {
    let size = 0;
    for (let byte = width - 1; byte >= 0; byte--) size = size * 256 + packet[start + 1 + i * width + byte]!;
    return size;
  });
  return sizes.reduce((sum, size) => sum + size, 0) <= start ? sizes : null;
}

function indexOf(sizes: readonly number[]): Uint8Array {
  const marker = 0b110_11_000 | (sizes.length - 1);
  const index = new Uint8Array(2 + 4 * sizes.length).fill(marker);
  const view = new DataView(index.buffer);
  sizes.forEach((size, i) => view.setUint32(1 + 4 * i, size, true));
  return index;
}
