// From pixels at the root's depth to millimetres: by what is known of the camera, else by how tall the person is.
import { JOINTS } from './skeleton';

const frameValues = JOINTS * 3;

/** Root to head and hip to ankle along the bones, as a share of the stature; of Human3.6M's subjects (1,624 of 1,750 mm). */
const chainShare = 0.93;

/** Over which a person's scale is averaged: they walk towards the camera, but do not grow. */
const scaleSeconds = 0.5;

/** The chains whose lengths add up to `chainShare` of the stature, legs by their mean. */
const chains: readonly (readonly [from: number, to: number, weight: number])[] = [
  [1, 2, 0.5],
  [2, 3, 0.5],
  [4, 5, 0.5],
  [5, 6, 0.5],
  [0, 7, 1],
  [7, 8, 1],
  [8, 9, 1],
  [9, 10, 1],
];

export interface LiftedPoses {
  /** When each frame is shown, in seconds of the file's time, [F]. */
  readonly times: readonly number[];
  /** Relative to the root: x right, y down, z away, in pixels at the root's depth, [F, 17, 3]; up to where it is lifted. */
  readonly poses: readonly number[];
  /** Millimetres of such a pixel where the key points came with them, [F]. */
  readonly millimetresPerPixel: readonly number[] | null;
}

export interface ScaleOptions {
  /** Stature in mm, where nothing is known of the camera. */
  readonly height: number;
  /** Half the width of the window over which poses are averaged; 0 leaves them as they are. */
  readonly smoothingSeconds: number;
}

/** Poses relative to the root in mm, [F, 17, 3]. */
export function scaledPoses(
  person: LiftedPoses,
  { height, smoothingSeconds }: ScaleOptions,
): Float64Array<ArrayBuffer> {
  const { poses, times } = person;
  const scale = scaleOf(person, height);
  const out = Float64Array.from(poses, (value, i) => value * scale[Math.floor(i / frameValues)]!);
  return smoothingSeconds > 0 ? runningMean(out, frameValues, times, smoothingSeconds) : out;
}

/** Millimetres of a pixel at the root's depth, for each frame that is lifted. */
export function scaleOf({ poses, times, millimetresPerPixel }: LiftedPoses, height: number): ArrayLike<number> {
  return millimetresPerPixel ?? byHeight(poses, times.slice(0, poses.length / frameValues), height);
}

function byHeight(poses: ArrayLike<number>, times: readonly number[], height: number): Float64Array {
  const lengths = Float64Array.from(times, (_, frame) => chainLength(poses, frame * frameValues));
  const steady = runningMean(lengths, 1, times, scaleSeconds);
  return steady.map((length) => (length > 0 ? (height * chainShare) / length : 0));
}

function chainLength(poses: ArrayLike<number>, at: number): number {
  return chains.reduce((sum, [from, to, weight]) => {
    const along = [0, 1, 2].map((axis) => poses[at + from * 3 + axis]! - poses[at + to * 3 + axis]!);
    return sum + weight * Math.hypot(...along);
  }, 0);
}

/** Means over all frames within so many seconds on either side; `width` values a frame. */
export function runningMean(
  values: Float64Array,
  width: number,
  times: readonly number[],
  seconds: number,
): Float64Array<ArrayBuffer> {
  const frames = values.length / width;
  const out = new Float64Array(values.length);
  const sums = new Float64Array(width);
  let [first, after] = [0, 0];
  const add = (frame: number, sign: number): void => {
    for (let i = 0; i < width; i++) sums[i]! += sign * values[frame * width + i]!;
  };
  for (let frame = 0; frame < frames; frame++) {
    while (after < frames && times[after]! <= times[frame]! + seconds) add(after++, 1);
    while (times[first]! < times[frame]! - seconds) add(first++, -1);
    for (let i = 0; i < width; i++) out[frame * width + i] = sums[i]! / (after - first);
  }
  return out;
}
