// The 17 joints of the Human3.6M skeleton and what follows from them: bones, mirror pairs, lengths, angles.

export const JOINTS = 17;

/** English names by joint; the page translates them (spec section 8). */
export const JOINT_NAMES: readonly string[] = [
  'hip',
  'right hip',
  'right knee',
  'right ankle',
  'left hip',
  'left knee',
  'left ankle',
  'spine',
  'thorax',
  'neck',
  'head',
  'left shoulder',
  'left elbow',
  'left wrist',
  'right shoulder',
  'right elbow',
  'right wrist',
];

/** Parent of each joint, -1 for the root. */
export const PARENTS: readonly number[] = [-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15];

/** The 16 bones in the order of the limb losses; a bone vector is first joint minus second (spec section 8). */
export const BONES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 2],
  [2, 3],
  [0, 4],
  [4, 5],
  [5, 6],
  [0, 7],
  [7, 8],
  [8, 9],
  [9, 10],
  [8, 11],
  [11, 12],
  [12, 13],
  [8, 14],
  [14, 15],
  [15, 16],
];

/** Pairs of bones whose angle the angle losses compare (spec section 10.3). */
export const ANGLE_PAIRS: readonly (readonly [number, number])[] = [
  [0, 3],
  [0, 6],
  [3, 6],
  [0, 1],
  [1, 2],
  [3, 4],
  [4, 5],
  [6, 7],
  [7, 10],
  [7, 13],
  [8, 13],
  [10, 13],
  [7, 8],
  [8, 9],
  [10, 11],
  [11, 12],
  [13, 14],
  [14, 15],
];

/** Joint that takes the place of each joint in the mirror. */
export const MIRRORED: readonly number[] = [0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13];

/**
 * Mirrors poses: x (channel 0) changes sign, left and right change places (spec section 8).
 * @param poses [frames, 17, channels]; a new array of the same shape is returned.
 */
export function flipPoses(poses: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(poses.length);
  flipInto(poses, 0, out, 0, poses.length / (JOINTS * channels), channels);
  return out;
}

/** `flipPoses` for `frames` frames from one place to another; the arrays must not overlap. */
export function flipInto(
  from: Float32Array,
  fromAt: number,
  to: Float32Array,
  toAt: number,
  frames: number,
  channels: number,
): void {
  for (let frame = 0; frame < frames; frame++) {
    for (let joint = 0; joint < JOINTS; joint++) {
      const source = fromAt + (frame * JOINTS + MIRRORED[joint]!) * channels;
      const target = toAt + (frame * JOINTS + joint) * channels;
      to[target] = -from[source]!;
      for (let c = 1; c < channels; c++) to[target + c] = from[source + c]!;
    }
  }
}

/** Bone lengths, [frames, 16], of poses [frames, 17, 3]. */
export function limbLengths(poses: ArrayLike<number>): Float64Array {
  const frames = poses.length / (JOINTS * 3);
  const out = new Float64Array(frames * BONES.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.hypot(...boneVector(poses, Math.floor(i / 16), i % 16));
  return out;
}

/** Angles of the 18 bone pairs in radians, [frames, 18], the cosine clamped to ±(1 − 1e-7). */
export function boneAngles(poses: ArrayLike<number>): Float64Array {
  const frames = poses.length / (JOINTS * 3);
  const out = new Float64Array(frames * ANGLE_PAIRS.length);
  const limit = 1 - 1e-7;
  for (let frame = 0; frame < frames; frame++) {
    for (const [k, [first, second]] of ANGLE_PAIRS.entries()) {
      const a = boneVector(poses, frame, first);
      const b = boneVector(poses, frame, second);
      const cosine = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b));
      out[frame * ANGLE_PAIRS.length + k] = Math.acos(Math.min(limit, Math.max(-limit, cosine)));
    }
  }
  return out;
}

function boneVector(poses: ArrayLike<number>, frame: number, bone: number): [number, number, number] {
  const [first, second] = BONES[bone]!;
  const a = (frame * JOINTS + first) * 3;
  const b = (frame * JOINTS + second) * 3;
  return [poses[a]! - poses[b]!, poses[a + 1]! - poses[b + 1]!, poses[a + 2]! - poses[b + 2]!];
}
