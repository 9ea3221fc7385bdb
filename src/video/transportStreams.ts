// The elementary streams that a transport stream lists, by the codec that each says it has.
// ISO/IEC 13818-1, 2.4.4 (tables), table 2-34 (stream types).

export interface ProgramStream {
  readonly type: number;
  /** The codec of a video stream as containers name it, null for anything else. */
  readonly codec: string | null;
}

const videoTypes: ReadonlyMap<number, string> = new Map([
  [0x01, 'MPEG-1'],
  [0x02, 'MPEG-2'],
  [0x10, 'MPEG-4 Part 2'],
  [0x1b, 'H.264'],
  [0x20, 'H.264 MVC'],
  [0x21, 'JPEG 2000'],
  [0x24, 'HEVC (H.265)'],
  [0x33, 'VVC (H.266)'],
  [0x42, 'AVS'],
  [0xd1, 'Dirac'],
  [0xd2, 'AVS2'],
  [0xd4, 'AVS3'],
  [0xea, 'VC-1'],
]);

/** What descriptors of private streams say: a registration of four letters. */
const registrations: ReadonlyMap<string, string> = new Map([
  ['HEVC', 'HEVC (H.265)'],
  ['VC-1', 'VC-1'],
  ['AV01', 'AV1'],
  ['drac', 'Dirac'],
]);

/** The streams of the first program map in these bytes; none where there is no such map. */
export function programStreams(bytes: Uint8Array): ProgramStream[] {
  const stride =
    [188, 192, 204].find((size) => [0, 1, 2].every((i) => bytes[syncAt(bytes) + i * size] === 0x47)) ?? 188;
  let programPid = -1;
  for (let at = syncAt(bytes); at >= 0 && at + 188 <= bytes.length; at += stride) {
    if (bytes[at] !== 0x47 || (bytes[at + 1]! & 0x40) === 0) continue;
    const pid = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;
    const hasAdaptation = (bytes[at + 3]! & 0x20) !== 0;
    let start = at + 4 + (hasAdaptation ? 1 + bytes[at + 4]! : 0);
    start += 1 + (bytes[start] ?? 0);
    const end = Math.min(at + 188, start + 3 + (((bytes[start + 1]! & 0x0f) << 8) | bytes[start + 2]!) - 4);
    if (pid === 0 && bytes[start] === 0 && programPid < 0) programPid = firstProgram(bytes, start + 8, end);
    else if (pid === programPid && bytes[start] === 2) return listed(bytes, start, end);
  }
  return [];
}

function syncAt(bytes: Uint8Array): number {
  for (let at = 0; at < 204; at++)
    if (bytes[at] === 0x47 && [188, 192, 204].some((size) => bytes[at + size] === 0x47)) return at;
  return -1;
}

function firstProgram(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 4 <= end; at += 4)
    if (((bytes[at]! << 8) | bytes[at + 1]!) !== 0) return ((bytes[at + 2]! & 0x1f) << 8) | bytes[at + 3]!;
  return -1;
}

function listed(bytes: Uint8Array, start: number, end: number): ProgramStream[] {
  const streams: ProgramStream[] = [];
  let at = start + 12 + (((bytes[start + 10]! & 0x0f) << 8) | bytes[start + 11]!);
  while (at + 5 <= end) {
    const type = bytes[at]!;
    const length = ((bytes[at + 3]! & 0x0f) << 8) | bytes[at + 4]!;
    const codec = videoTypes.get(type) ?? (type === 6 ? registered(bytes, at + 5, at + 5 + length) : null);
    streams.push({ type, codec });
    at += 5 + length;
  }
  return streams;
}

function registered(bytes: Uint8Array, from: number, end: number): string | null {
  for (let at = from; at + 2 <= end; at += 2 + bytes[at + 1]!)
    if (bytes[at] === 5) return registrations.get(String.fromCharCode(...bytes.subarray(at + 2, at + 6))) ?? null;
  return null;
}
