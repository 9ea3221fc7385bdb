// Damaged VP9 packets made decodable: libvpx, which browsers decode with, gives up for good where a picture's data ends
// too early, as it does wherever a wrong bit leads it astray; ffmpeg reads zeros then. With zeros behind it both go on.
import { joinedBytes } from '../formats/joined';

const zeros = 65_536;

/** A packet with zeros behind each of its pictures. VP9 bitstream specification, Annex B: superframes. */
export function paddedVp9(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const sizes = superframeSizes(packet);
  const pictures: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes ?? [packet.length]) {
    const picture = packet.subarray(at, at + size);
    at += size;
    // One byte shows an earlier picture again.
    const padded = new Uint8Array(size > 1 ? size + zeros : size);
    padded.set(picture);
    pictures.push(padded);
  }
  return joinedBytes(sizes ? [...pictures, indexOf(pictures)] : pictures);
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

function indexOf(pictures: readonly Uint8Array[]): Uint8Array {
  const marker = 0b110_11_000 | (pictures.length - 1);
  const index = new Uint8Array(2 + 4 * pictures.length).fill(marker);
  const view = new DataView(index.buffer);
  pictures.forEach(({ length }, i) => view.setUint32(1 + 4 * i, length, true));
  return index;
}
