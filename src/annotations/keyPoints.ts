// Reads files of 2-D key points into tracks, one a person: our own plain JSON, and what other programs write (docs/try.md).
import { UserError } from '../errors';
import { bridgeGaps } from '../figure/bridgeGaps';
import { followPeople, type FollowedPoses } from '../figure/followPeople';
import type { DataFile } from '../formats/dataFile';
import { parseJson } from '../formats/json';
import { joinedFloats } from '../formats/joined';
import { decodeText } from '../formats/text';
import { keyPointJoints, type KeyPointTrack } from '../formats/keyPoints';
import { readKeyPointArrays, type KeyPointArrays } from './keyPointArrays';
import { readKeyPointFrames, type PersonInFrame } from './keyPointFrames';
import { isPlainTracks, plainNotNumber, plainTracks } from './plainKeyPoints';

/** The video that key points belong to. */
export interface Film {
  /** Of its frames, in seconds. */
  readonly times: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** A joint below it was not found; so OpenPose, COCO and MMPose write it. */
const leastConfidence = 0.05;
/** A person who is away for longer comes back as somebody else, unless the file says who it is. */
const gapSeconds = 1;
/** Shown less often, it is a mistake of the detector. */
const leastFrames = 5;
/** Frames that a file may name beyond its video's end, as a share: programs count damaged ones differently. */
const overhang = 0.02;

/** True for a file that may hold key points, by its name. */
export function mayHoldKeyPoints(path: string): boolean {
  return /\.(json|npz)$/i.test(path);
}

/**
 * The people of one file, or of OpenPose's files of one video; the one that is seen largest first.
 * @param film null where only the key points are there; frames then come `framesPerSecond` times a second.
 * @throws UserError with a code that starts with `json-`, `zip-` or `npy-`, `key-points-unknown`, `key-points-damaged`,
 * `key-points-number` where a number is none, `key-points-size` where nothing says how large the picture is,
 * `key-points-other-video` where they go on after the video's end.
 */
export async function readKeyPoints(
  files: readonly DataFile[],
  film: Film | null,
  framesPerSecond: number,
): Promise<readonly KeyPointTrack[]> {
  const parts: KeyPointArrays[] = [];
  for (const { path, blob } of files) {
    if (/\.npz$/i.test(path)) {
      parts.push(readKeyPointArrays(new Uint8Array(await blob.arrayBuffer()), path));
      continue;
    }
    const value = parseJson(decodeText(new Uint8Array(await blob.arrayBuffer())).text, path);
    if (isPlainTracks(value)) return largestFirst(plainTracks(value));
    const frames = readKeyPointFrames(value, path);
    if (frames === null) throw plainNotNumber(value, path) ?? unknown(path);
    parts.push({ ...frames, times: null });
  }
  return largestFirst(tracksOf(parts, files[0]!.path, film, framesPerSecond));
}

function tracksOf(
  parts: readonly KeyPointArrays[],
  path: string,
  film: Film | null,
  framesPerSecond: number,
): KeyPointTrack[] {
  const width = parts[0]!.width ?? film?.width;
  const height = parts[0]!.height ?? film?.height;
  if (width === undefined || height === undefined)
    throw new UserError(
      'key-points-size',
      `The file does not say how large the picture is. Add the video of the same name (${path})`,
      { path },
    );
  const [own = null] = parts.map(({ times }) => times);
  const known = own ?? film?.times ?? null;
  const seen = fromZero(
    parts.flatMap(({ people }) => people),
    known?.length ?? Infinity,
    path,
  );
  const count = known?.length ?? 1 + seen.reduce((most, { frame }) => Math.max(most, frame), -1);
  const times = known ?? Float64Array.from({ length: count }, (_, frame) => frame / framesPerSecond);
  const rate = times.length > 1 ? (times.length - 1) / (times.at(-1)! - times[0]!) : framesPerSecond;
  const followed = followPeople(seen, Math.max(1, Math.round(gapSeconds * rate)), leastConfidence);
  const distinct = new Set(seen.map(({ frame }) => frame)).size;
  const people = followed.filter(({ frames }) => frames.length >= Math.min(leastFrames, distinct));
  const name = (i: number): string => (people.length === 1 ? '' : `person ${i + 1}`);
  return people.map((one, i) => ({ name: name(i), width, height, ...trackOf(one, times) }));
}

/** From the first frame that shows the person to the last, gaps bridged and marked. */
function trackOf(
  { frames, poses }: FollowedPoses,
  times: Float64Array,
): Pick<KeyPointTrack, 'times' | 'points' | 'bridged'> {
  const first = frames[0]!;
  const shown = times.slice(first, frames.at(-1)! + 1);
  const seen = frames.map((frame) => frame - first);
  return { times: shown, ...bridgeGaps(shown, seen, joinedFloats(poses), leastConfidence) };
}

/** Frames numbered from 0: a file whose last number is the count of the video's frames counts from 1. */
function fromZero(people: readonly PersonInFrame[], frames: number, path: string): PersonInFrame[] {
  const [least, most] = people.reduce(([a, b], { frame }) => [Math.min(a, frame), Math.max(b, frame)], [Infinity, -1]);
  const first = most === frames && least > 0 ? 1 : 0;
  if (most - first >= frames * (1 + overhang) + 1) {
    const message = `The key points go on until frame ${most}, but the video has ${frames} frames: they are of another video (${path})`;
    throw new UserError('key-points-other-video', message, { path, frame: most, frames });
  }
  return people.flatMap((one) => (one.frame - first < frames ? [{ ...one, frame: one.frame - first }] : []));
}

function largestFirst(tracks: readonly KeyPointTrack[]): readonly KeyPointTrack[] {
  const size = new Map(tracks.map((track) => [track, extent(track)]));
  const sorted = [...tracks].sort((a, b) => size.get(b)! - size.get(a)!);
  return sorted.map((track, i) => (/^person \d+$/.test(track.name) ? { ...track, name: `person ${i + 1}` } : track));
}

/** Mean height of the joints in a frame times the frames, in pixels. */
function extent({ points }: KeyPointTrack): number {
  const size = keyPointJoints * 3;
  let sum = 0;
  for (let at = 0; at < points.length; at += size) {
    const heights = Array.from({ length: keyPointJoints }, (_, joint) => points[at + joint * 3 + 1]!);
    sum += Math.max(...heights) - Math.min(...heights);
  }
  return sum;
}

function unknown(path: string): UserError {
  const message = `These are no key points that can be read: for each frame 17 joints with x, y and a confidence (${path})`;
  return new UserError('key-points-unknown', message, { path });
}
