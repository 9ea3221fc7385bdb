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

/** Mean of `jointErrors` (metrics/mpjpe.ts) over all frames, [17]. */
export function jointMeans(errors: ArrayLike<number>): Float64Array {
  const frames = errors.length / jointCount;
  const means = new Float64Array(jointCount);
  for (let i = 0; i < errors.length; i++) means[i % jointCount]! += errors[i]! / frames;
  return means;
}
