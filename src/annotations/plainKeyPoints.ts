// Key points in our own plain JSON: one person, or a list of them (docs/try.md).
import { UserError } from '../errors';
import { notNumberAt } from '../formats/json';
import { keyPointJoints, type KeyPointTrack } from '../formats/keyPoints';

interface PlainTrack {
  readonly name?: string;
  readonly width: number;
  readonly height: number;
  readonly times: readonly number[];
  readonly points: readonly (readonly (readonly number[])[])[];
  readonly millimetresPerPixel?: readonly number[];
}

/** True for one such object, or a list of nothing else. */
export function isPlainTracks(value: unknown): value is PlainTrack | readonly PlainTrack[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every(isPlainTrack);
}

export function plainTracks(value: PlainTrack | readonly PlainTrack[]): KeyPointTrack[] {
  return (Array.isArray(value) ? (value as readonly PlainTrack[]) : [value as PlainTrack]).map(trackOf);
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

/** What Python writes for a joint that was not found: where it stands. Null where there is none. */
export function plainNotNumber(value: unknown, path: string): UserError | null {
  const paths = Array.isArray(value) ? value.map((_, i) => `[${i}].points`) : ['points'];
  const since = paths.map((keyPath) => notNumberAt(value, keyPath)).find((one) => one !== null);
  if (since === undefined) return null;
  const message = `A key point has no place, ${since}: leave such frames out, or give it the confidence 0 (${path})`;
  return new UserError('key-points-number', message, { path, since });
}
