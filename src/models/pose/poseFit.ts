// How a clip fills its canvas: one scale for the whole clip, so that the body does not breathe while it plays.
import { jointCount } from './limbs';

export interface FlatFit {
  readonly centreX: number;
  readonly centreY: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** Bounds of all 2D joints [F, 17, 2] of a clip. */
export function fitFlat(points: Float32Array): FlatFit {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 0; i + 1 < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return {
    centreX: (left + right) / 2,
    centreY: (top + bottom) / 2,
    halfWidth: Math.max(1e-6, (right - left) / 2),
    halfHeight: Math.max(1e-6, (bottom - top) / 2),
  };
}

export interface SpaceFit {
  /** Largest distance of a joint from the root in mm. */
  readonly radius: number;
  /** Height of the floor under the root, y down, in mm. */
  readonly floor: number;
}

/** Extent of the true poses [F, 17, 3] around their root. */
export function fitSpace(truth: Float32Array): SpaceFit {
  let squared = 1;
  let floor = 0;
  for (let root = 0; root < truth.length; root += jointCount * 3) {
    for (let joint = 1; joint < jointCount; joint++) {
      const at = root + joint * 3;
      const x = truth[at]! - truth[root]!;
      const y = truth[at + 1]! - truth[root + 1]!;
      const z = truth[at + 2]! - truth[root + 2]!;
      squared = Math.max(squared, x * x + y * y + z * z);
      floor = Math.max(floor, y);
    }
  }
  return { radius: Math.sqrt(squared), floor };
}
