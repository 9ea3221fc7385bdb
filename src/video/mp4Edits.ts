// What an MP4 says about time beyond its sample table: the end of an edit list, and offsets below zero.
// ISO/IEC 14496-12, 8.6.1.3 (ctts), 8.6.6 (elst), 8.8.8 (trun).

export interface Mp4Edits {
  /** Frames from here on are not shown, in seconds; Infinity where the track is not cut. */
  readonly endSeconds: number;
  /**
   * Added to the times that follow from the boxes. Without an edit list, players built on ffmpeg (Chromium among them)
   * start decoding at 0, so that offsets below zero move the whole track.
   */
  readonly shiftSeconds: number;
}

const uncut: Mp4Edits = { endSeconds: Infinity, shiftSeconds: 0 };

/** A movie header of a day of video has some 50 MB. */
const largestHeader = 256 * 2 ** 20;

interface Box {
  readonly name: string;
  /** Position of the contents. */
  readonly start: number;
  readonly end: number;
}

/** Reads the boxes of one track. Anything that does not parse means no edits: the demuxer speaks about broken files. */
export async function readMp4Edits(file: Blob, trackId: number): Promise<Mp4Edits> {
  try {
    return await readTopLevel(file, trackId);
  } catch (error) {
    if (error instanceof RangeError) return uncut;
    throw error;
  }
}

async function readTopLevel(file: Blob, trackId: number): Promise<Mp4Edits> {
  let movie: { edits: Mp4Edits; timescale: number; edited: boolean } | null = null;
  for (let at = 0; at + 8 <= file.size;) {
    const head = view(await file.slice(at, at + 16).arrayBuffer());
    const box = boxAt(head, 0, file.size - at);
    const bytes = async () => {
      if (box.end > largestHeader) throw new RangeError('header too large');
      return view(await file.slice(at + box.start, at + box.end).arrayBuffer());
    };
    if (box.name === 'moov') {
      movie = readMovie(await bytes(), trackId);
      if (movie === null || movie.edited || movie.edits.shiftSeconds > 0) return movie?.edits ?? uncut;
    } else if (box.name === 'moof') {
      if (movie === null) return uncut;
      const lowest = lowestFragmentOffset(await bytes(), trackId);
      return { ...movie.edits, shiftSeconds: Math.max(0, -lowest) / movie.timescale };
    }
    at += box.end;
  }
  return movie?.edits ?? uncut;
}

function readMovie(movie: DataView, trackId: number) {
  const header = child(movie, 0, movie.byteLength, 'mvhd');
  const movieTimescale = header ? movie.getUint32(header.start + (movie.getUint8(header.start) === 1 ? 20 : 12)) : 0;
  for (const track of boxes(movie, 0, movie.byteLength)) {
    if (track.name !== 'trak') continue;
    const trackHeader = child(movie, track.start, track.end, 'tkhd');
    if (!trackHeader) continue;
    const wide = movie.getUint8(trackHeader.start) === 1;
    if (movie.getUint32(trackHeader.start + (wide ? 20 : 12)) !== trackId) continue;
    const media = path(movie, track, 'mdia', 'mdhd');
    const timescale = media ? movie.getUint32(media.start + (movie.getUint8(media.start) === 1 ? 20 : 12)) : 0;
    const list = path(movie, track, 'edts', 'elst');
    if (list) {
      const endSeconds = editEnd(movie, list, movieTimescale);
      return { edits: { endSeconds, shiftSeconds: 0 }, timescale, edited: true };
    }
    const offsets = path(movie, track, 'mdia', 'minf', 'stbl', 'ctts');
    const lowest = offsets ? lowestOffset(movie, offsets) : 0;
    const shiftSeconds = timescale > 0 ? Math.max(0, -lowest) / timescale : 0;
    return { edits: { endSeconds: Infinity, shiftSeconds }, timescale: timescale || 1, edited: false };
  }
  return null;
}

/** Where the one edit of a list ends; lists of several edits are not followed. A duration of 0 means to the end. */
function editEnd(movie: DataView, { start, end }: Box, timescale: number): number {
  const wide = movie.getUint8(start) === 1;
  const size = wide ? 20 : 12;
  const count = movie.getUint32(start + 4);
  let empty = 0;
  let length: number | null = null;
  for (let i = 0; i < count; i++) {
    const at = start + 8 + i * size;
    if (at + size > end) break;
    const duration = wide ? Number(movie.getBigUint64(at)) : movie.getUint32(at);
    const mediaTime = wide ? Number(movie.getBigInt64(at + 8)) : movie.getInt32(at + 4);
    if (mediaTime === -1 && length === null) empty += duration;
    else if (length === null) length = duration;
    else return Infinity;
  }
  // Durations are rounded to the movie's ticks, which are coarser than the track's.
  return length && timescale > 0 ? (empty + length + 1) / timescale : Infinity;
}

function lowestOffset(data: DataView, { start, end }: Box): number {
  let lowest = 0;
  for (let at = start + 8; at + 8 <= end; at += 8) lowest = Math.min(lowest, data.getInt32(at + 4));
  return lowest;
}

function lowestFragmentOffset(fragment: DataView, trackId: number): number {
  let lowest = 0;
  for (const track of boxes(fragment, 0, fragment.byteLength)) {
    if (track.name !== 'traf') continue;
    const header = child(fragment, track.start, track.end, 'tfhd');
    if (!header || fragment.getUint32(header.start + 4) !== trackId) continue;
    for (const run of boxes(fragment, track.start, track.end))
      if (run.name === 'trun') lowest = Math.min(lowest, lowestRunOffset(fragment, run));
  }
  return lowest;
}

function lowestRunOffset(data: DataView, { start, end }: Box): number {
  const flags = data.getUint32(start) & 0xffffff;
  if ((flags & 0x800) === 0) return 0;
  const has = (flag: number) => ((flags & flag) === 0 ? 0 : 4);
  const first = start + 8 + has(0x1) + has(0x4);
  const before = has(0x100) + has(0x200) + has(0x400);
  let lowest = 0;
  for (let at = first; at + before + 4 <= end; at += before + 4) lowest = Math.min(lowest, data.getInt32(at + before));
  return lowest;
}

function path(data: DataView, parent: Box, ...names: readonly string[]): Box | null {
  let box: Box | null = parent;
  for (const name of names) box = box && child(data, box.start, box.end, name);
  return box;
}

function child(data: DataView, start: number, end: number, name: string): Box | null {
  for (const box of boxes(data, start, end)) if (box.name === name) return box;
  return null;
}

function* boxes(data: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end;) {
    const box = boxAt(data, at, end);
    yield box;
    at = box.end;
  }
}

/** Throws RangeError where the box does not fit; so does reading beyond a view. */
function boxAt(data: DataView, at: number, limit: number): Box {
  let size = data.getUint32(at);
  const name = String.fromCharCode(...[4, 5, 6, 7].map((i) => data.getUint8(at + i)));
  let start = at + 8;
  if (size === 1) {
    size = Number(data.getBigUint64(at + 8));
    start = at + 16;
  } else if (size === 0) size = limit - at;
  if (at + size < start) throw new RangeError(`box ${name} is smaller than its header`);
  return { name, start, end: at + size };
}

function view(bytes: ArrayBuffer): DataView {
  return new DataView(bytes);
}
