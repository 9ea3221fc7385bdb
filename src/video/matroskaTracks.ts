// The first video track of a Matroska or WebM file by its header: codec, and how its frames are packed.
// Matroska: RFC 9559, 5.1.4 (tracks), 5.1.4.1.31 (content encodings).

export interface MatroskaVideo {
  readonly isVideo: boolean;
  readonly codec: string;
  readonly isEncrypted: boolean;
  /** As blocks name it. */
  readonly number: number;
  /** Null where frames lie as they are, or without what all begin with. */
  readonly compression: 'zlib' | 'bzlib' | 'LZO' | null;
}

export const SEGMENT = 0x18538067;
export const TRACKS = 0x1654ae6b;
export const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
export const ENCODINGS = 0x6d80;
const ENCODING = 0x6240;
const ENCODING_TYPE = 0x5033;
const ENCRYPTION = 0x5035;
const COMPRESSION = 0x5034;
const ALGORITHM = 0x4254;

const algorithms = ['zlib', 'bzlib', 'LZO'] as const;

/** The first video track, else the first of another kind; null where none is listed in these bytes. */
export function matroskaVideo(bytes: Uint8Array): MatroskaVideo | null {
  const segment = find(bytes, 0, bytes.length, SEGMENT);
  const tracks = segment && find(bytes, segment.start, Math.min(segment.end, bytes.length), TRACKS);
  if (!tracks) return null;
  const found: MatroskaVideo[] = [];
  for (const entry of elements(bytes, tracks.start, tracks.end))
    if (entry.id === TRACK_ENTRY) found.push(read(bytes, entry));
  return found.find(({ isVideo }) => isVideo) ?? found[0] ?? null;
}

function read(bytes: Uint8Array, { start, end }: Element): MatroskaVideo {
  const type = find(bytes, start, end, TRACK_TYPE);
  const codec = find(bytes, start, end, CODEC_ID);
  const encodings = find(bytes, start, end, ENCODINGS);
  let [isEncrypted, compression]: [boolean, MatroskaVideo['compression']] = [false, null];
  for (const encoding of encodings ? elements(bytes, encodings.start, encodings.end) : []) {
    if (encoding.id !== ENCODING) continue;
    const kind = numberIn(bytes, find(bytes, encoding.start, encoding.end, ENCODING_TYPE)) ?? 0;
    isEncrypted ||= kind === 1 || find(bytes, encoding.start, encoding.end, ENCRYPTION) !== null;
    const packing = find(bytes, encoding.start, encoding.end, COMPRESSION);
    if (packing)
      compression = algorithms[numberIn(bytes, find(bytes, packing.start, packing.end, ALGORITHM)) ?? 0] ?? null;
  }
  return {
    isVideo: numberIn(bytes, type) === 1,
    number: numberIn(bytes, find(bytes, start, end, TRACK_NUMBER)) ?? 0,
    codec: codec ? new TextDecoder().decode(bytes.subarray(codec.start, codec.end)).replace(/\0.*$/s, '') : '',
    isEncrypted,
    compression,
  };
}

export interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export function find(bytes: Uint8Array, from: number, to: number, wanted: number): Element | null {
  for (const element of elements(bytes, from, to)) if (element.id === wanted) return element;
  return null;
}

/** The elements between two places; ends where one does not fit, which is cut to what is there. */
export function* elements(bytes: Uint8Array, from: number, to: number): Generator<Element> {
  for (let at = from; at < to;) {
    const id = variable(bytes, at, false);
    const size = id && variable(bytes, at + id.length, true);
    if (!id || !size) return;
    const start = at + id.length + size.length;
    // A size of only ones is not known: the element goes on to the end.
    const end = size.value === null ? to : Math.min(to, start + size.value);
    yield { id: id.value ?? 0, start, end };
    at = end;
  }
}

export function variable(
  bytes: Uint8Array,
  at: number,
  isSize: boolean,
): { length: number; value: number | null } | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  let value = isSize ? first & (0xff >> length) : first;
  let onlyOnes = isSize && value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value = value * 256 + byte;
    onlyOnes &&= byte === 0xff;
  }
  return { length, value: onlyOnes ? null : value };
}

function numberIn(bytes: Uint8Array, element: Element | null): number | null {
  if (!element || element.end - element.start > 4) return null;
  return bytes.subarray(element.start, element.end).reduce((sum, byte) => sum * 256 + byte, 0);
}
