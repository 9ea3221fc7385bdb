// Boxes of people's key points, and how far apart two poses are.
import type { Box } from './found';

/** Values per point: x, y and a score. */
const stride = 3;

/** The smallest box around the points that score at least `least`; null where fewer than `count` do. */
export function boxOfPoints(points: Float32Array, least: number, count: number): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let seen = 0;
  for (let at = 0; at < points.length; at += stride) {
    if (points[at + 2]! < least) continue;
    seen++;
    left = Math.min(left, points[at]!);
    right = Math.max(right, points[at]!);
    top = Math.min(top, points[at + 1]!);
    bottom = Math.max(bottom, points[at + 1]!);
  }
  return seen < count ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** Mean score of all points. */
export function meanScore(points: Float32Array): number {
  let sum = 0;
  for (let at = 2; at < points.length; at += stride) sum += points[at]!;
  return (sum * stride) / points.length;
}

/** Mean distance of the points that both poses have with at least `least`; Infinity where there is none. */
export function poseDistance(a: Float32Array, b: Float32Array, least: number): number {
  let [sum, count] = [0, 0];
  for (let at = 0; at < a.length; at += stride) {
    if (a[at + 2]! < least || b[at + 2]! < least) continue;
    sum += Math.hypot(a[at]! - b[at]!, a[at + 1]! - b[at + 1]!);
    count++;
  }
  return count === 0 ? Infinity : sum / count;
}
