// A Matroska file whose video track is packed with zlib, as the same file with plain frames: no demuxer here unpacks.
// RFC 9559, 5.1.3 (clusters), 5.1.4.1.31 (content encodings), 10 (blocks).
import { unzlibSync } from 'fflate';
import { elements, ENCODINGS, find, matroskaVideo, SEGMENT, TRACK_ENTRY, TRACKS, variable } from './matroskaTracks';

/** The file is rewritten in memory. */
const largestFile = 256 * 2 ** 20;
const HEADER = 0x1a45dfa3;
const INFO = 0x1549a966;
const CLUSTER = 0x1f43b675;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const LACING = 0x06;

type Part = Uint8Array<ArrayBuffer>;

/** Null for any other file, and where blocks hold several frames or do not unpack. */
export async function unpackedMatroska(file: Blob): Promise<Blob | null> {
  if (file.size > largestFile) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const track = matroskaVideo(bytes);
  if (!track?.isVideo || track.isEncrypted || track.compression !== 'zlib') return null;
  const head = find(bytes, 0, bytes.length, HEADER);
  const segment = find(bytes, 0, bytes.length, SEGMENT);
  if (!head || !segment) return null;
  try {
    const parts: Part[] = [];
    // What tells places in the file would be wrong: only these go over.
    for (const { id, start, end } of elements(bytes, segment.start, segment.end)) {
      if (id === INFO) parts.push(...element(INFO, [bytes.slice(start, end)]));
      if (id === TRACKS) parts.push(...element(TRACKS, [withoutEncodings(bytes, start, end)]));
      if (id === CLUSTER) parts.push(...element(CLUSTER, plainBlocks(bytes, start, end, track.number)));
    }
    return new Blob([...element(HEADER, [bytes.slice(head.start, head.end)]), ...element(SEGMENT, parts)]);
  } catch (error) {
    // What is no zlib.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** Encodings become an element that means nothing, of the same length. */
function withoutEncodings(bytes: Uint8Array, start: number, end: number): Part {
  const out = Uint8Array.from(bytes.subarray(start, end));
  for (const entry of elements(out, 0, out.length)) {
    if (entry.id !== TRACK_ENTRY) continue;
    const packing = find(out, entry.start, entry.end, ENCODINGS);
    if (!packing) continue;
    const size = packing.end - packing.start;
    let at = packing.start;
    // The id and size before it are at least three bytes: 0xec and the size in all but one.
    const first = firstOf(out, packing.start, ENCODINGS);
    const length = packing.start - first - 1;
    for (let i = 0, rest = size; i < length; i++, rest = Math.floor(rest / 256)) out[--at] = rest % 256;
    out[first + 1] = out[first + 1]! | (1 << (8 - length));
    out[first] = 0xec;
  }
  return out;
}

/** Where an element whose contents begin at `start` begins itself. */
function firstOf(bytes: Uint8Array, start: number, id: number): number {
  for (let at = start - 3; at >= start - 10; at--)
    if (
      bytes[at] === id >> 8 &&
      bytes[at + 1] === (id & 255) &&
      variable(bytes, at + 2, true)?.length === start - at - 2
    )
      return at;
  throw new RangeError('an element without its id');
}

function plainBlocks(bytes: Uint8Array, start: number, end: number, track: number): Part[] {
  const parts: Part[] = [];
  for (const { id, start: from, end: to } of elements(bytes, start, end)) {
    if (id === SIMPLE_BLOCK || id === BLOCK) parts.push(...element(id, [plainBlock(bytes.subarray(from, to), track)]));
    else if (id === BLOCK_GROUP) parts.push(...element(id, plainBlocks(bytes, from, to, track)));
    else parts.push(...element(id, [bytes.slice(from, to)]));
  }
  return parts;
}

function plainBlock(block: Uint8Array, track: number): Part {
  const number = variable(block, 0, true);
  if (!number || number.value !== track) return Uint8Array.from(block);
  const head = number.length + 3;
  if ((block[head - 1]! & LACING) !== 0)
    throw Object.assign(new Error('several frames in a block'), { code: 'lacing' });
  const frame = unzlibSync(block.subarray(head));
  const out = new Uint8Array(head + frame.length);
  out.set(block.subarray(0, head));
  out.set(frame, head);
  return out;
}

/** An element with its id and a size of eight bytes before it. */
function element(id: number, contents: readonly Part[]): Part[] {
  const idBytes: number[] = [];
  for (let rest = id; rest > 0; rest = Math.floor(rest / 256)) idBytes.unshift(rest % 256);
  const size = contents.reduce((sum, part) => sum + part.length, 0);
  const head = new Uint8Array(idBytes.length + 8);
  head.set(idBytes);
  new DataView(head.buffer).setBigUint64(idBytes.length, 0x0100000000000000n + BigInt(size));
  return [head, ...contents];
}
