// What an MP4 says about time beyond its sample table: the parts that its edit list shows, and offsets below zero.
// ISO/IEC 14496-12, 8.6.1.3 (ctts), 8.6.6 (elst), 8.8.8 (trun).
import { boxes, child, path, topLevelBoxes, trackBox, type Box } from './mp4Boxes';

/** A part of the track that is shown; from `fromSeconds` to before `toSeconds` on the demuxer's clock. */
export interface Mp4Edit {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Added to the demuxer's times it gives presentation times. */
  readonly shiftSeconds: number;
}

/**
 * In order of presentation. A part may come twice, and time may pass between parts. The demuxer's clock is that of the
 * first edit, whatever the others say.
 */
export type Mp4Edits = readonly Mp4Edit[];

/** A list that plays parts at another speed or as stills, or that has more parts than anybody cuts. */
export class UnreadableEdits extends Error {}

/** Without an edit list all is shown from 0 on. */
export const uncut: Mp4Edits = [{ fromSeconds: 0, toSeconds: Infinity, shiftSeconds: 0 }];

/** Other containers have no edits: clocks that wrap and blocks before 0 show as well. */
export const everything: Mp4Edits = [{ fromSeconds: -Infinity, toSeconds: Infinity, shiftSeconds: 0 }];

/**
 * Players built on ffmpeg (Chromium among them) start decoding at 0, so that offsets below zero move the whole track
 * where no edit list rules.
 */
const shifted = (seconds: number): Mp4Edits => [{ fromSeconds: -seconds, toSeconds: Infinity, shiftSeconds: seconds }];

const mostEdits = 1000;

/**
 * Reads the boxes of one track. Anything that does not parse means no edits: the demuxer speaks about broken files.
 * @throws UnreadableEdits
 */
export async function readMp4Edits(file: Blob, trackId: number): Promise<Mp4Edits> {
  try {
    return await readTopLevel(file, trackId);
  } catch (error) {
    if (error instanceof RangeError) return uncut;
    throw error;
  }
}

async function readTopLevel(file: Blob, trackId: number): Promise<Mp4Edits> {
  let movie: Movie | null = null;
  for await (const { name, read } of topLevelBoxes(file)) {
    if (name === 'moov') {
      movie = readMovie(await read(), trackId);
      if (movie === null) return uncut;
      if (movie.edits) return movie.edits;
      if (movie.lowest < 0) return shifted(-movie.lowest / movie.timescale);
    } else if (name === 'moof') {
      if (movie === null) return uncut;
      const lowest = lowestFragmentOffset(await read(), trackId);
      return lowest < 0 ? shifted(-lowest / movie.timescale) : uncut;
    }
  }
  return uncut;
}

interface Movie {
  /** Null without a list, or where it shows nothing. */
  readonly edits: Mp4Edits | null;
  /** Ticks of the track in a second, and its lowest offset in ticks, 0 where none is below. */
  readonly timescale: number;
  readonly lowest: number;
}

function readMovie(movie: DataView, trackId: number): Movie | null {
  const header = child(movie, 0, movie.byteLength, 'mvhd');
  const movieTimescale = header ? movie.getUint32(header.start + (movie.getUint8(header.start) === 1 ? 20 : 12)) : 0;
  const track = trackBox(movie, trackId);
  if (!track) return null;
  const media = path(movie, track, 'mdia', 'mdhd');
  const timescale = media ? movie.getUint32(media.start + (movie.getUint8(media.start) === 1 ? 20 : 12)) : 0;
  if (timescale === 0) return null;
  const list = path(movie, track, 'edts', 'elst');
  const edits = list && movieTimescale > 0 ? editsOf(listed(movie, list), movieTimescale, timescale) : null;
  const offsets = path(movie, track, 'mdia', 'minf', 'stbl', 'ctts');
  return { edits, timescale, lowest: offsets ? lowestOffset(movie, offsets) : 0 };
}

interface ListedEdit {
  /** In ticks of the movie. */
  readonly duration: number;
  /** In ticks of the track; -1 where nothing is shown. */
  readonly mediaTime: number;
  readonly isNormalSpeed: boolean;
}

function listed(movie: DataView, { start, end }: Box): ListedEdit[] {
  const wide = movie.getUint8(start) === 1;
  const size = wide ? 20 : 12;
  const count = Math.min(movie.getUint32(start + 4), Math.floor((end - start - 8) / size));
  if (count > mostEdits) throw new UnreadableEdits(`${count} edits`);
  return Array.from({ length: count }, (_, i) => {
    const at = start + 8 + i * size;
    const duration = wide ? Number(movie.getBigUint64(at)) : movie.getUint32(at);
    const mediaTime = wide ? Number(movie.getBigInt64(at + 8)) : movie.getInt32(at + 4);
    if (mediaTime < -1) throw new RangeError(`an edit that begins at ${mediaTime}`);
    return { duration, mediaTime, isNormalSpeed: movie.getUint32(at + size - 4) === 0x10000 };
  });
}

/** A duration of 0 means to the end; null where nothing is shown at all. */
function editsOf(list: readonly ListedEdit[], movieTimescale: number, timescale: number): Mp4Edits | null {
  const first = list.findIndex(({ mediaTime }) => mediaTime >= 0);
  if (first < 0) return null;
  const emptyTicks = list.slice(0, first).reduce((sum, { duration }) => sum + duration, 0);
  // The demuxer subtracts the first edit's place and adds the time before it, rounded to ticks of the track.
  const zero = list[first]!.mediaTime - Math.round((emptyTicks / movieTimescale) * timescale);
  const edits: Mp4Edit[] = [];
  let seconds = (list[first]!.mediaTime - zero) / timescale;
  for (const [i, { duration, mediaTime, isNormalSpeed }] of list.entries()) {
    if (i < first) continue;
    const isLast = i === list.length - 1;
    const length = duration === 0 && isLast ? Infinity : duration / movieTimescale;
    if (mediaTime >= 0 && !isNormalSpeed) throw new UnreadableEdits('not at normal speed');
    if (mediaTime >= 0 && length > 0) {
      const fromSeconds = (mediaTime - zero) / timescale;
      // As ffmpeg ends it: in whole ticks of the track, of which the movie's are mostly multiples.
      const toSeconds = fromSeconds + Math.round(length * timescale) / timescale;
      edits.push({ fromSeconds, toSeconds, shiftSeconds: i === first ? 0 : seconds - fromSeconds });
    }
    seconds += length;
  }
  return edits.length > 0 ? edits : null;
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
