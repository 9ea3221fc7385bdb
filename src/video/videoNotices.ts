// What a person should know of a video that opens: which track is used, what of it cannot be shown, and what is not there.
import { MATROSKA, WEBM, type Input, type InputVideoTrack } from 'mediabunny';
import type { ErrorDetail } from '../errors';
import type { FrameIndex } from './frameIndex';
import type { Mp4Edits } from './mp4Edits';

/** Something that the person should know and that stops nothing. */
export interface VideoNotice {
  readonly code: string;
  readonly message: string;
  readonly detail: ErrorDetail;
}

/** A gap is so many times longer than frames mostly last, and not shorter than this: pictures may stand still. */
const gapTimes = 10;
const leastGapSeconds = 0.5;

/**
 * Presentation time at which the track ends by its header, whatever of it is there; null where it does not say. A Matroska
 * header speaks of all tracks: where another one goes on when this one has ended (`endSeconds`), it means that one.
 */
export async function promisedEnd(
  input: Input,
  track: InputVideoTrack,
  edits: Mp4Edits,
  endSeconds: number,
): Promise<number | null> {
  const mediaEnd = await track.getDurationFromMetadata();
  if (mediaEnd === null) return null;
  const format = await input.getFormat();
  if ((format === MATROSKA || format === WEBM) && mediaEnd > endSeconds + leastGapSeconds) {
    const tracks = (await input.getTracks()).filter(({ id }) => id !== track.id);
    for (const other of tracks) if ((await other.computeDuration()) > (mediaEnd + endSeconds) / 2) return null;
  }
  const { toSeconds, shiftSeconds } = edits.at(-1)!;
  return Math.min(mediaEnd, toSeconds) + shiftSeconds;
}

export function trackNotice(path: string, track: number, tracks: number): VideoNotice[] {
  if (tracks === 1) return [];
  const message = `The file has ${tracks} video tracks; track ${track} is used (${path})`;
  return [{ code: 'video-tracks', message, detail: { path, track, tracks } }];
}

export function leftOutNotices(path: string, { stream, empty }: FrameIndex): VideoNotice[] {
  const notices: VideoNotice[] = [];
  const { skipped } = stream;
  const start = `The first ${skipped} frames cannot be decoded, since the recording begins between two key frames; the others are used (${path})`;
  if (skipped > 0) notices.push({ code: 'video-starts-late', message: start, detail: { path, frames: skipped } });
  const what = `${empty} frames of the file hold nothing and are left out (${path})`;
  if (empty > 0) notices.push({ code: 'video-empty-frames', message: what, detail: { path, frames: empty } });
  return notices;
}

/**
 * Says where frames are missing in the middle. Containers that are read from packet to packet, Matroska and transport
 * streams, lose what is damaged without a trace; pictures that stand still look the same.
 */
export function gapNotice(path: string, times: Float64Array): VideoNotice[] {
  const steps = Array.from(times.subarray(1), (time, i) => time - times[i]!);
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  const gaps = steps.flatMap((step, i) => (step > Math.max(gapTimes * usual, leastGapSeconds) ? [i] : []));
  const [first] = gaps;
  if (first === undefined || usual <= 0) return [];
  const frames = gaps.reduce((sum, i) => sum + Math.round(steps[i]! / usual) - 1, 0);
  const [from, to] = [times[first]!.toFixed(2), times[first + 1]!.toFixed(2)];
  const others = gaps.length > 1 ? `, and in ${gaps.length - 1} more places` : '';
  const message = `There are no frames between ${from} and ${to} s${others}: ${frames} at the usual rate, be it that the picture stands still or that a part of the file is lost (${path})`;
  return [{ code: 'video-gap', message, detail: { path, from, to, gaps: gaps.length, frames } }];
}

export function lostNotice(path: string, bytes: number): VideoNotice {
  const message = `${bytes} bytes in the middle of the file are damaged: the frames that lay there are missing, the others are used (${path})`;
  return { code: 'video-lost-part', message, detail: { path, bytes } };
}

interface Length {
  readonly durationSeconds: number;
  /** The file ends in the middle of what it lists. */
  readonly isCut: boolean;
  readonly promised: number | null;
}

export function lengthNotice(path: string, index: FrameIndex, length: Length): VideoNotice[] {
  const { durationSeconds: seconds, isCut, promised } = length;
  const end = index.times[0]! + seconds;
  const frames = index.times.length;
  const held = `${frames} frames (${seconds.toFixed(2)} s) of it are there and are used (${path})`;
  const detail = { path, frames, seconds: Number(seconds.toFixed(2)), lost: index.lost };
  if (isCut || index.lost > 0) return [{ code: 'video-short', message: `The file is cut off: ${held}`, detail }];
  if (promised === null || promised - end < Math.max(0.5, 0.05 * seconds)) return [];
  const said = promised.toFixed(2);
  const message = `The frames end after ${end.toFixed(2)} s, though the file's header says ${said} s: ${held}`;
  return [{ code: 'video-short', message, detail: { ...detail, promised: said, end: end.toFixed(2) } }];
}
