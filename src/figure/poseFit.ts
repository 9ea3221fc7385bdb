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
  /** Height of the body's middle above or below the root, y down, in mm: what the view turns around. */
  readonly middle: number;
  /** Largest distance of a joint from that middle in mm. */
  readonly radius: number;
  /** Height of the floor, y down, in mm. */
  readonly floor: number;
}

/** Extent of the true poses [F, 17, 3] around their root. */
export function fitSpace(truth: Float32Array): SpaceFit {
  const root = (at: number) => at - (at % (jointCount * 3));
  let top = 0;
  let floor = 0;
  for (let at = 0; at < truth.length; at += 3) {
    const y = truth[at + 1]! - truth[root(at) + 1]!;
    top = Math.min(top, y);
    floor = Math.max(floor, y);
  }
  const middle = (top + floor) / 2;
  let radius = 1;
  for (let at = 0; at < truth.length; at += 3) {
    const x = truth[at]! - truth[root(at)]!;
    const y = truth[at + 1]! - truth[root(at) + 1]! - middle;
    const z = truth[at + 2]! - truth[root(at) + 2]!;
    radius = Math.max(radius, Math.hypot(x, y, z));
  }
  return { middle, radius, floor };
}
