// How the 17 joints are drawn: which side each bone belongs to, and how large an error is.
import { BONES, JOINTS } from './skeleton';

export type Side = 'left' | 'right' | 'middle';

export interface Limb {
  readonly from: number;
  readonly to: number;
  readonly side: Side;
}

export const jointCount = JOINTS;

const sides: readonly Side[] = [
  ...(['middle', 'right', 'right', 'right', 'left', 'left', 'left', 'middle', 'middle'] as const),
  ...(['middle', 'middle', 'left', 'left', 'left', 'right', 'right', 'right'] as const),
];

/** A bone is of the side of its outer joint. */
export const limbs: readonly Limb[] = BONES.map(([from, to]) => ({ from, to, side: sides[to]! }));

/** Upper limits in mm of the first four of five levels of error. */
export const errorLimits = [20, 40, 80, 160] as const;

/** 0 (small) to 4 (large); the theme has a colour for each. */
export function errorLevel(millimetres: number): number {
  const level = errorLimits.findIndex((limit) => millimetres < limit);
  return level < 0 ? errorLimits.length : level;
}

/** Distance of each joint between two poses of one frame, both relative to their root. */
export function jointErrors(
  prediction: Float32Array,
  truth: Float32Array,
  frame: number,
  into = new Float64Array(jointCount),
) {
  const root = frame * jointCount * 3;
  for (let joint = 0; joint < jointCount; joint++) {
    let squared = 0;
    for (let axis = 0; axis < 3; axis++) {
      const at = root + joint * 3 + axis;
      const difference = prediction[at]! - prediction[root + axis]! - (truth[at]! - truth[root + axis]!);
      squared += difference * difference;
    }
    into[joint] = Math.sqrt(squared);
  }
  return into;
}

/** Mean of `jointErrors` over all frames. */
export function meanJointErrors(prediction: Float32Array, truth: Float32Array): Float64Array {
  const frames = Math.floor(truth.length / (jointCount * 3));
  const sum = new Float64Array(jointCount);
  const errors = new Float64Array(jointCount);
  for (let frame = 0; frame < frames; frame++) {
    jointErrors(prediction, truth, frame, errors);
    for (let joint = 0; joint < jointCount; joint++) sum[joint]! += errors[joint]! / frames;
  }
  return sum;
}
