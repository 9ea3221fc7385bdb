// The sample entries of an MP4 track: how many there are, which samples each is for, and what is encrypted.
// ISO/IEC 14496-12, 8.5.2 (stsd), 8.7.4 (stsc), 8.7.5 (stco), 8.8.3 (trex), 8.8.7 (tfhd), 8.8.8 (trun); 23001-7 (cenc).
import { configOf, entryHead } from './entryConfigs';
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

/** Reads the entries of a track, or of the first video track; null where there is no such thing. */
export async function readSampleEntries(file: Blob, trackId: number | null): Promise<SampleEntries | null> {
  try {
    let found: Listed | null = null;
    let fragments: Fragments | null = null;
    for await (const { name, read } of topLevelBoxes(file)) {
      if (name === 'moov') {
        const movie = await read();
        found = entriesOf(movie, trackId);
        // One entry is for all samples, wherever they lie.
        if (!found || found.entries === 1 || !child(movie, 0, movie.byteLength, 'mvex')) return found;
        fragments = new Fragments(movie, trackId, found);
      } else if (name === 'moof') fragments?.add(await read());
    }
    return fragments?.entries() ?? found;
  } catch (error) {
    // What does not parse the demuxer speaks about.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** Those of the contents of a `moov` box. Throws RangeError for what is none. */
export function entriesOf(movie: DataView, trackId: number | null): Listed | null {
  const track = trackId === null ? videoTrack(movie) : trackBox(movie, trackId);
  const table = track && path(movie, track, 'mdia', 'minf', 'stbl');
  const list = table && child(movie, table.start, table.end, 'stsd');
  if (!list) return null;
  const found = [...boxes(movie, list.start + 8, list.end)];
  const [first] = found;
  if (!first) return null;
  const isEncrypted = found.some(({ name }) => name === 'encv' || name === 'drmi');
  const configs = found.map((entry) => configOf(movie, entry));
  const { runs, samples } =
    found.length > 1 ? runsOf(movie, table) : { runs: [{ fromPlace: 0, entry: 0 }], samples: 0 };
  const said = { type: typeOf(movie, first), isEncrypted, entries: found.length };
  return { ...said, parts: partsOf(runs, configs), runs, configs, samples };
}

/** Null where there are no samples, or of a run it is not known how it is decoded. */
function partsOf(runs: readonly Run[], configs: Listed['configs']): EntryPart[] | null {
  const parts = runs.map(({ fromPlace, entry }) => ({ fromPlace, config: configs[entry] ?? null }));
  return parts.length > 0 && parts.every((part): part is EntryPart => part.config !== null) ? parts : null;
}

/** Samples of one entry from a place on; entries are counted from 0. */
interface Run {
  readonly fromPlace: number;
  readonly entry: number;
}

interface Listed extends SampleEntries {
  readonly runs: readonly Run[];
  readonly configs: readonly (VideoDecoderConfig | null)[];
  readonly samples: number;
}

/** Which samples of the fragments behind a movie each entry holds. */
class Fragments {
  readonly #track: number | null;
  readonly #listed: Listed;
  readonly #runs: Run[];
  #samples: number;
  /** Of samples whose fragment says nothing. */
  #entry = 0;

  constructor(movie: DataView, trackId: number | null, listed: Listed) {
    this.#track = trackId;
    this.#listed = listed;
    this.#runs = [...listed.runs];
    this.#samples = listed.samples;
    const extended = child(movie, 0, movie.byteLength, 'mvex');
    for (const { name, start } of extended ? boxes(movie, extended.start, extended.end) : [])
      if (name === 'trex' && movie.getUint32(start + 4) === trackId) this.#entry = movie.getUint32(start + 8) - 1;
  }

  add(fragment: DataView): void {
    for (const { name, start, end } of boxes(fragment, 0, fragment.byteLength)) {
      const header = name === 'traf' ? child(fragment, start, end, 'tfhd') : null;
      if (!header || fragment.getUint32(header.start + 4) !== this.#track) continue;
      const flags = fragment.getUint32(header.start) & 0xffffff;
      const at = header.start + 8 + ((flags & 1) === 0 ? 0 : 8);
      const entry = (flags & 2) === 0 ? this.#entry : fragment.getUint32(at) - 1;
      if (this.#runs.at(-1)?.entry !== entry) this.#runs.push({ fromPlace: this.#samples, entry });
      for (const run of boxes(fragment, start, end))
        if (run.name === 'trun') this.#samples += fragment.getUint32(run.start + 4);
    }
  }

  entries(): SampleEntries {
    return { ...this.#listed, parts: partsOf(this.#runs, this.#listed.configs) };
  }
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

/** Which entry holds from which sample on, and how many samples there are; none where the tables do not say. */
function runsOf(movie: DataView, table: Box): { readonly runs: Run[]; readonly samples: number } {
  const chunks = child(movie, table.start, table.end, 'stsc');
  const offsets = child(movie, table.start, table.end, 'stco') ?? child(movie, table.start, table.end, 'co64');
  if (!chunks || !offsets) return { runs: [], samples: 0 };
  const chunkCount = movie.getUint32(offsets.start + 4);
  const listed = Math.min(movie.getUint32(chunks.start + 4), Math.floor((chunks.end - chunks.start - 8) / 12));
  const runs: Run[] = [];
  let place = 0;
  for (let i = 0; i < listed; i++) {
    const at = chunks.start + 8 + 12 * i;
    const [first, samples, entry] = [movie.getUint32(at), movie.getUint32(at + 4), movie.getUint32(at + 8) - 1];
    const next = i + 1 < listed ? movie.getUint32(at + 12) : chunkCount + 1;
    if (runs.at(-1)?.entry !== entry) runs.push({ fromPlace: place, entry });
    place += samples * Math.max(0, next - first);
  }
  return { runs, samples: place };
}
