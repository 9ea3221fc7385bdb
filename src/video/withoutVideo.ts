// Why no video was found in a file of a known container: what is known of its streams, and no more.
import { MATROSKA, MP4, MPEG_TS, QTFF, WEBM, type Input, type InputFormat } from 'mediabunny';
import { UserError } from '../errors';
import { codecMissing, codecTitle, compressedTrack, encrypted } from './conversion';
import { topLevelBoxes } from './mp4Boxes';
import { matroskaVideo } from './matroskaTracks';
import { readSampleEntries } from './sampleEntries';
import { programStreams } from './transportStreams';

/** Bytes from a file's start in which its streams are listed. */
const headBytes = 2 ** 21;

/** What to say of a file in which the demuxer finds no video that it knows. */
export async function withoutVideo(input: Input, format: InputFormat, file: Blob, path: string): Promise<UserError> {
  const head = async () => new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
  const hasOthers = (await input.getTracks()).length > 0;
  if (format === MPEG_TS) {
    const streams = programStreams(await head());
    const video = streams.find(({ codec }) => codec !== null);
    if (video) return codecMissing(path, codecTitle(video.codec, null));
    if (streams.length > 0) return noTrack(path, hasOthers);
  }
  if (format === MATROSKA || format === WEBM) {
    const track = matroskaVideo(await head());
    if (track?.isEncrypted) return encrypted(path);
    if (track?.compression) return compressedTrack(path, codecTitle(track.codec, null), track.compression);
    if (track?.isVideo) return codecMissing(path, codecTitle(track.codec, null));
    if (track) return noTrack(path, hasOthers);
  }
  if (format === MP4 || format === QTFF) {
    if (await hasCutIndex(file)) return indexMissing(path, true);
    const entries = await readSampleEntries(file, null);
    if (entries?.isEncrypted) return encrypted(path);
    if (entries) return codecMissing(path, codecTitle(entries.type, null));
    if (await hasBox(file, 'moov')) return noTrack(path, hasOthers);
    return indexMissing(path, false);
  }
  return noTrack(path, hasOthers);
}

/** An MP4 whose index is not there, or not all of it: without it nobody knows where its frames lie. */
export function indexMissing(path: string, isCut: boolean): UserError {
  const what = isCut ? 'The index at the end of the file is cut off' : "The file's index is missing";
  const message = `${what}, most likely since a recording or a download was broken off; copy the file again, or repair it with a tool such as untrunc (${path})`;
  return new UserError('video-no-index', message, { path });
}

/** Whether an MP4's index says that it is longer than what is there of it. */
export async function hasCutIndex(file: Blob): Promise<boolean> {
  try {
    for await (const { name, end } of topLevelBoxes(file)) if (name === 'moov') return end > file.size;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

function noTrack(path: string, hasOthers: boolean): UserError {
  const what = hasOthers ? 'There is sound in the file and no video' : 'There is no video in the file';
  return new UserError('video-no-track', `${what} (${path})`, { path });
}

async function hasBox(file: Blob, wanted: string): Promise<boolean> {
  try {
    for await (const { name } of topLevelBoxes(file)) if (name === wanted) return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}
