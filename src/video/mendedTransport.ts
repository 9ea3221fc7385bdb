// A transport stream in which parts are damaged, as one of its sound packets alone: demuxers stop where the next is not.
// ISO/IEC 13818-1, 2.4.3.2: packets of 188 bytes that begin with 0x47; with a clock before them 192, with codes behind 204.
import type { Mended } from './mendedFragments';

const sync = 0x47;
const chunkBytes = 1 << 20;
/** So many packets in a row are no chance. */
const leastRun = 3;

/** Null for a stream that is whole, and for what is none. */
export async function mendedTransport(file: Blob): Promise<Mended | null> {
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const stride = [188, 192, 204].find((size) => syncAt(head, 0, size, head.length) >= 0);
  if (stride === undefined) return null;
  const before = stride === 192 ? 4 : 0;
  const parts: Blob[] = [];
  let [lostBytes, at, start] = [0, 0, 0];
  while (at + stride <= file.size) {
    const bytes = new Uint8Array(await file.slice(at, at + chunkBytes).arrayBuffer());
    let place = 0;
    while (place + stride <= bytes.length && bytes[place + before] === sync) place += stride;
    at += place;
    if (place + stride > bytes.length) continue;
    // Here one does not begin: the next that does is looked for.
    parts.push(file.slice(start, at));
    const found = syncAt(bytes, place + before + 1, stride, bytes.length);
    const next = found < 0 ? at + Math.max(1, bytes.length - place - leastRun * stride) : at + found - before - place;
    lostBytes += next - at;
    [at, start] = [next, next];
  }
  return lostBytes === 0 ? null : { blob: new Blob([...parts, file.slice(start)]), lostBytes };
}

/** Where several packets in a row begin from a place on, or -1. */
function syncAt(bytes: Uint8Array, from: number, stride: number, to: number): number {
  for (let at = from; at + (leastRun - 1) * stride < to; at++) {
    let run = 0;
    while (run < leastRun && bytes[at + run * stride] === sync) run++;
    if (run === leastRun) return at;
  }
  return -1;
}
