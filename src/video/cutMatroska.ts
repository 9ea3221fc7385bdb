// A Matroska or WebM file that ends in the middle of a cluster, as one that ends behind the last whole block.
// RFC 8794 (EBML), 6; RFC 9559, 5.1.3. Demuxers take no cluster that claims to go on behind the end of the file.
import { SEGMENT, variable } from './matroskaTracks';

const HEADER = 0x1a45dfa3;
const CLUSTER = 0x1f43b675;
/** A cluster holds a few seconds. */
const largestCluster = 128 * 2 ** 20;

interface Head {
  readonly id: number;
  /** Where its size stands, and where its contents begin. */
  readonly sizeAt: number;
  readonly start: number;
  /** Null where the size is not known. */
  readonly size: number | null;
}

/** Null for a file that is whole, and for one of which no cluster has begun. */
export async function mendedMatroska(file: Blob): Promise<Blob | null> {
  const header = await headAt(file, 0);
  const segment = header?.id === HEADER && header.size !== null ? await headAt(file, header.start + header.size) : null;
  if (segment?.id !== SEGMENT || segment.size === null || segment.start + segment.size <= file.size) return null;
  for (let at = segment.start; at < file.size;) {
    const head = await headAt(file, at);
    if (!head) return null;
    const end = head.size === null ? Infinity : head.start + head.size;
    if (end <= file.size) {
      at = end;
      continue;
    }
    if (head.id !== CLUSTER || file.size - head.start > largestCluster) return null;
    const bytes = new Uint8Array(await file.slice(head.start).arrayBuffer());
    const whole = head.start + wholeElements(bytes);
    return new Blob([
      file.slice(0, segment.sizeAt),
      sizeOf(whole - segment.start, segment.start - segment.sizeAt),
      file.slice(segment.start, head.sizeAt),
      sizeOf(whole - head.start, head.start - head.sizeAt),
      file.slice(head.start, whole),
    ]);
  }
  return null;
}

async function headAt(file: Blob, at: number): Promise<Head | null> {
  const bytes = new Uint8Array(await file.slice(at, at + 12).arrayBuffer());
  const id = variable(bytes, 0, false);
  const size = id && variable(bytes, id.length, true);
  if (!id || !size) return null;
  return { id: id.value ?? 0, sizeAt: at + id.length, start: at + id.length + size.length, size: size.value };
}

/** Bytes of the elements that are all there. */
function wholeElements(bytes: Uint8Array): number {
  for (let at = 0; ;) {
    const id = variable(bytes, at, false);
    const size = id && variable(bytes, at + id.length, true);
    if (!id || size === null || size.value === null) return at;
    const end = at + id.length + size.length + size.value;
    if (end > bytes.length) return at;
    at = end;
  }
}

/** A size in as many bytes as it had. */
function sizeOf(value: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[0] = bytes[0]! | (1 << (8 - length));
  return bytes;
}
