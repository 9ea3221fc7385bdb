// The sample entries of an MP4 track: how many there are, which samples each is for, and what is encrypted.
// ISO/IEC 14496-12, 8.5.2 (stsd), 8.7.4 (stsc), 8.7.5 (stco); 14496-15, 5.4.2 (avcC); 23001-7 (cenc).
import { boxes, child, path, topLevelBoxes, trackBox, type Box } from './mp4Boxes';

/** Samples from one place in decode order on, and how they are decoded. */
export interface EntryPart {
  readonly fromPlace: number;
  readonly config: VideoDecoderConfig;
}

export interface SampleEntries {
  /** Four letters of the first video track's entry, as `avc1` or `encv`; with its object type, as `mp4v.61`. */
  readonly type: string;
  readonly isEncrypted: boolean;
  /** More than one where the stream changes its parameters in mid-file; null where that cannot be read here. */
  readonly parts: readonly EntryPart[] | null;
  readonly entries: number;
}

/** Bytes of a VisualSampleEntry before its boxes. */
const entryHead = 78;

/** Reads the entries of a track, or of the first video track; null where there is no such thing. */
export async function readSampleEntries(file: Blob, trackId: number | null): Promise<SampleEntries | null> {
  try {
    for await (const { name, read } of topLevelBoxes(file))
      if (name === 'moov') return entriesOf(await read(), trackId);
  } catch (error) {
    // What does not parse the demuxer speaks about.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

function entriesOf(movie: DataView, trackId: number | null): SampleEntries | null {
  const track = trackId === null ? videoTrack(movie) : trackBox(movie, trackId);
  const table = track && path(movie, track, 'mdia', 'minf', 'stbl');
  const list = table && child(movie, table.start, table.end, 'stsd');
  if (!list) return null;
  const found = [...boxes(movie, list.start + 8, list.end)];
  const [first] = found;
  if (!first) return null;
  const isEncrypted = found.some(({ name }) => name === 'encv' || name === 'drmi');
  const configs = found.map((entry) => configOf(movie, entry));
  const places = found.length > 1 ? partsOf(movie, table) : [{ fromPlace: 0, entry: 0 }];
  const parts = places?.map(({ fromPlace, entry }) => ({ fromPlace, config: configs[entry] ?? null })) ?? null;
  const isKnown = parts?.every((part): part is EntryPart => part.config !== null) === true;
  return { type: typeOf(movie, first), isEncrypted, entries: found.length, parts: isKnown ? parts : null };
}

function videoTrack(movie: DataView): Box | null {
  for (const track of boxes(movie, 0, movie.byteLength)) {
    if (track.name !== 'trak') continue;
    const handler = path(movie, track, 'mdia', 'hdlr');
    if (handler && movie.getUint32(handler.start + 8) === 0x76696465) return track;
  }
  return null;
}

/** `mp4v` stands for all that MPEG-4 systems number: MPEG-2 has the types 60 to 65. */
function typeOf(movie: DataView, { name, start, end }: Box): string {
  const descriptors = name === 'mp4v' ? child(movie, start + entryHead, end, 'esds') : null;
  if (!descriptors) return name;
  // Each descriptor: a tag, a length of bytes of seven bits; the first has three bytes of its own.
  let at = descriptors.start + 4;
  const enter = (tag: number): boolean => {
    if (movie.getUint8(at++) !== tag) return false;
    while (movie.getUint8(at++) >= 128);
    return true;
  };
  if (!enter(3)) return name;
  at += 3;
  return enter(4) ? `${name}.${movie.getUint8(at).toString(16)}` : name;
}

/** How the samples of an entry are decoded; null for other codecs than H.264. */
function configOf(movie: DataView, { name, start, end }: Box): VideoDecoderConfig | null {
  if (name !== 'avc1' && name !== 'avc3') return null;
  const record = child(movie, start + entryHead, end, 'avcC');
  if (!record || record.end - record.start < 7) return null;
  const bytes = new Uint8Array(movie.buffer, movie.byteOffset + record.start, record.end - record.start);
  const hex = Array.from(bytes.subarray(1, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    codec: `${name}.${hex}`,
    codedWidth: movie.getUint16(start + 24),
    codedHeight: movie.getUint16(start + 26),
    description: bytes.slice(),
  };
}

/** Which entry holds from which sample on; null where the tables do not say. */
function partsOf(movie: DataView, table: Box): { fromPlace: number; entry: number }[] | null {
  const chunks = child(movie, table.start, table.end, 'stsc');
  const offsets = child(movie, table.start, table.end, 'stco') ?? child(movie, table.start, table.end, 'co64');
  if (!chunks || !offsets) return null;
  const chunkCount = movie.getUint32(offsets.start + 4);
  const runs = Math.min(movie.getUint32(chunks.start + 4), Math.floor((chunks.end - chunks.start - 8) / 12));
  const parts: { fromPlace: number; entry: number }[] = [];
  let place = 0;
  for (let i = 0; i < runs; i++) {
    const at = chunks.start + 8 + 12 * i;
    const [first, samples, entry] = [movie.getUint32(at), movie.getUint32(at + 4), movie.getUint32(at + 8) - 1];
    const next = i + 1 < runs ? movie.getUint32(at + 12) : chunkCount + 1;
    if (parts.at(-1)?.entry !== entry) parts.push({ fromPlace: place, entry });
    place += samples * Math.max(0, next - first);
  }
  return parts.length > 0 ? parts : null;
}
