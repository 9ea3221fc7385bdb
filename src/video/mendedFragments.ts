// A fragmented MP4 of which a part in the middle is damaged, as one with a hole there: demuxers stop at what is no box.
// ISO/IEC 14496-12, 4.2 (boxes), 8.1.2 (free), 8.8 (fragments).
import { child, topLevelBoxes } from './mp4Boxes';

export interface Mended {
  readonly blob: Blob;
  /** Of the file, in which nothing is that can be read. */
  readonly lostBytes: number;
}

const headBytes = 16;
const chunkBytes = 1 << 20;
/** A `moof` box of a second of video has some kilobytes. */
const largestFragment = 1 << 26;

/** Null for a file without fragments, and for one that is whole or ends in a box. */
export async function mendedFragments(file: Blob): Promise<Mended | null> {
  if (!(await hasFragments(file))) return null;
  const parts: BlobPart[] = [];
  let [lostBytes, kept] = [0, 0];
  for (let at = 0; at + 8 <= file.size;) {
    const size = sizeOf(new DataView(await file.slice(at, at + headBytes).arrayBuffer()), file.size - at);
    if (size !== null) {
      at += size;
      continue;
    }
    const next = await nextFragment(file, at + 1);
    const end = next ?? file.size;
    // Places of frames may count from the start of the file: the hole is as long as what was there.
    if (end - at >= 8) parts.push(file.slice(kept, at), hole(end - at), file.slice(at + 8, end));
    kept = end;
    lostBytes += end - at;
    at = end;
  }
  return lostBytes < 8 ? null : { blob: new Blob([...parts, file.slice(kept)]), lostBytes };
}

async function hasFragments(file: Blob): Promise<boolean> {
  try {
    for await (const { name, read } of topLevelBoxes(file)) {
      if (name === 'moof') return true;
      if (name !== 'moov') continue;
      const movie = await read();
      return child(movie, 0, movie.byteLength, 'mvex') !== null;
    }
  } catch (error) {
    // What does not parse the demuxer speaks about.
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

/** Bytes of the box that begins here; null where none does. The last box may claim more than there is: a file is cut so. */
function sizeOf(head: DataView, left: number): number | null {
  const name = [4, 5, 6, 7].map((i) => head.getUint8(i));
  if (!name.every((byte) => byte >= 0x20 && byte < 0x7f)) return null;
  const short = head.getUint32(0);
  const size = short === 1 && left >= headBytes ? Number(head.getBigUint64(8)) : short === 0 ? left : short;
  return size >= 8 ? size : null;
}

/** Where the next `moof` box begins, or null. */
async function nextFragment(file: Blob, from: number): Promise<number | null> {
  for (let at = from; at + 8 <= file.size; at += chunkBytes) {
    const bytes = new Uint8Array(await file.slice(at, at + chunkBytes + 8).arrayBuffer());
    const view = new DataView(bytes.buffer);
    for (let i = 4; i + 4 <= bytes.length; i++) {
      if (bytes[i] !== 0x6d || view.getUint32(i) !== 0x6d6f6f66) continue;
      const size = view.getUint32(i - 4);
      if (size > headBytes && size < largestFragment) return at + i - 4;
    }
  }
  return null;
}

function hole(size: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, Math.min(size, 0xffffffff));
  view.setUint32(4, 0x66726565);
  return head;
}
