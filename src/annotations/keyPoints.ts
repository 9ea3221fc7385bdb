// Reads files of 2-D key points: our own plain JSON (docs/try.md).
import { UserError } from '../errors';
import type { DataFile } from '../formats/dataFile';
import { notNumberAt, parseJson } from '../formats/json';
import { decodeText } from '../formats/text';
import { keyPointJoints, type KeyPointTrack } from '../formats/keyPoints';

interface PlainTrack {
  readonly name?: string;
  readonly width: number;
  readonly height: number;
  readonly times: readonly number[];
  readonly points: readonly (readonly (readonly number[])[])[];
  readonly millimetresPerPixel?: readonly number[];
}

/** True for a file that may hold key points, by its name. */
export function mayHoldKeyPoints(path: string): boolean {
  return /\.json$/i.test(path);
}

/**
 * The people of a file, the one that is seen largest first.
 * @throws UserError `key-points-number` where a number is none, `key-points-unknown` for anything else.
 */
export async function readKeyPoints({ path, blob }: DataFile): Promise<readonly KeyPointTrack[]> {
  let value: unknown;
  try {
    value = parseJson(decodeText(new Uint8Array(await blob.arrayBuffer())).text, path);
  } catch {
    throw unknown(path);
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every(isPlainTrack)) throw notNumber(value, list.length, path) ?? unknown(path);
  return list.map(trackOf).sort((a, b) => extent(b) - extent(a));
}

function isPlainTrack(value: unknown): value is PlainTrack {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, times, points } = value as Partial<PlainTrack>;
  return (
    isSize(width) &&
    isSize(height) &&
    isNumbers(times) &&
    times.length > 0 &&
    Array.isArray(points) &&
    points.length === times.length &&
    points.every(isFrame)
  );
}

function isFrame(frame: unknown): boolean {
  return Array.isArray(frame) && frame.length === keyPointJoints && frame.every((joint) => isNumbers(joint, 2));
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

function isNumbers(values: unknown, least = 0): values is readonly number[] {
  return Array.isArray(values) && values.length >= least && values.every((one) => Number.isFinite(one));
}

function trackOf({ name = '', width, height, times, points, millimetresPerPixel }: PlainTrack): KeyPointTrack {
  return {
    ...{ name, width, height, times: Float64Array.from(times) },
    points: Float64Array.from(
      points.flatMap((frame) => frame.flatMap(([x, y, confidence = 1]) => [x!, y!, confidence])),
    ),
    ...(millimetresPerPixel && { millimetresPerPixel: Float32Array.from(millimetresPerPixel) }),
  };
}

/** Mean height of the joints in a frame, in pixels. */
function extent({ points }: KeyPointTrack): number {
  const size = keyPointJoints * 3;
  let sum = 0;
  for (let at = 0; at < points.length; at += size) {
    const heights = Array.from({ length: keyPointJoints }, (_, joint) => points[at + joint * 3 + 1]!);
    sum += Math.max(...heights) - Math.min(...heights);
  }
  return sum / Math.max(1, points.length / size);
}

/** What Python writes for a joint that was not found: where it stands. */
function notNumber(value: unknown, people: number, path: string): UserError | null {
  const paths = Array.isArray(value) ? Array.from({ length: people }, (_, i) => `[${i}].points`) : ['points'];
  const since = paths.map((keyPath) => notNumberAt(value, keyPath)).find((one) => one !== null);
  if (since === undefined) return null;
  const message = `A key point has no place, ${since}: leave such frames out, or give it the confidence 0 (${path})`;
  return new UserError('key-points-number', message, { path, since });
}

function unknown(path: string): UserError {
  const message = `These are no key points that can be read: for each frame 17 joints with x, y and a confidence (${path})`;
  return new UserError('key-points-unknown', message, { path });
}
