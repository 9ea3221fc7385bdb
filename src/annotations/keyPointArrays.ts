// People's key points as .npz: MotionAGFormer's and MHFormer's demos (`reconstruction`), arrays of COCO's points, and our own.
import { UserError } from '../errors';
import { human36mFromCoco } from '../figure/cocoJoints';
import { readNpz, type NpzFile } from '../formats/npz';
import type { KeyPointFrames, PersonInFrame } from './keyPointFrames';

/** Names of arrays [F, 17, 2 or 3] or [P, F, 17, 2 or 3], in Human3.6M's order or in COCO's. */
const layouts = [
  ['keypoints_2d', false],
  ['reconstruction', false],
  ['keypoints', true],
] as const;

export interface KeyPointArrays extends KeyPointFrames {
  /** Seconds of each frame, where the file says so. */
  readonly times: Float64Array | null;
}

/**
 * @throws UserError `key-points-unknown` where no such array is there, what `readNpz` throws for damaged ones, and
 * `npy-object` for VideoPose3D's archives of Python objects.
 */
export function readKeyPointArrays(bytes: Uint8Array, path: string): KeyPointArrays {
  const archive = readNpz(bytes, path);
  const found = layouts.find(([name]) => archive.names.includes(name)) ?? (['positions_2d', true] as const);
  const [name, isCoco] = found;
  const array = archive.read(name);
  if (!array || typeof array.data[0] === 'string') throw unknown(path);
  const shape = array.shape.length === 3 ? [1, ...array.shape] : array.shape;
  const [people, frames, points, width] = shape as [number, number, number, number];
  if (shape.length !== 4 || points !== 17 || (width !== 2 && width !== 3) || people * frames === 0) throw unknown(path);
  const values = Array.from(array.data as Float32Array | BigInt64Array, Number);
  if (!values.every(Number.isFinite)) throw unknown(path);
  const size = floats(archive, 'size');
  return {
    people: Array.from({ length: people * frames }, (_, i): PersonInFrame | null => {
      const own = values.slice(i * points * width, (i + 1) * points * width);
      // Nobody was seen.
      if (own.every((value) => value === 0)) return null;
      const joints = Float32Array.from({ length: points * 3 }, (_, k) =>
        k % 3 < width ? own[Math.floor(k / 3) * width + (k % 3)]! : 1,
      );
      const id = people > 1 ? String(Math.floor(i / frames) + 1) : '';
      return { frame: i % frames, id, points: isCoco ? human36mFromCoco(joints) : joints };
    }).filter((one) => one !== null),
    width: size?.[0] ?? null,
    height: size?.[1] ?? null,
    times: floats(archive, 'times'),
  };
}

function floats(archive: NpzFile, name: string): Float64Array | null {
  const data = archive.read(name)?.data;
  return data && typeof data[0] !== 'string' ? Float64Array.from(data as Float64Array | BigInt64Array, Number) : null;
}

function unknown(path: string): UserError {
  const message = `These are no key points that can be read: for each frame 17 joints with x, y and a confidence (${path})`;
  return new UserError('key-points-unknown', message, { path });
}
