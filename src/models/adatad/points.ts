// The pyramid's points in time, and what they shall say of a window's labelled actions (spec sections 3.5 and 4).
import type { LabelledSegment } from '../../samples/segments';

/** One level: point i lies at i · stride on the grid of snippets. */
export interface PointLevel {
  readonly stride: number;
  readonly points: number;
  /** The level answers for actions whose farther end is this far away, both ends included. */
  readonly range: readonly [number, number];
}

/** Actions are looked for this many strides around their middle. */
const RADIUS = 1.5;
/** Of equally long candidates all labels count, up to this difference. */
const SAME_LENGTH = 1e-3;
const FIRST_REACH = 4;
const FARTHEST = 10000;

/** Levels of a window of `frames` snippets; ranges double from 4 snippets on, the last one is open. */
export function pointLevels(frames: number, levels: number): PointLevel[] {
  return Array.from({ length: levels }, (_, level) => {
    const stride = 2 ** level;
    const low = level === 0 ? 0 : FIRST_REACH * 2 ** (level - 1);
    const high = level === levels - 1 ? FARTHEST : FIRST_REACH * stride;
    return { stride, points: frames / stride, range: [low, high] };
  });
}

/** Points of all levels together. */
export function pointCount(levels: readonly PointLevel[]): number {
  return levels.reduce((sum, { points }) => sum + points, 0);
}

export interface PointTargets {
  /** 1 for every class that a point shall name, [points, classes]. */
  readonly classes: Float32Array;
  /** To the ends of the action in strides of the point's level, [points, 2]; 0 where there is none. */
  readonly distances: Float32Array;
}

/** Which of the actions a point shall find, shortest first. */
function candidates(
  segments: readonly LabelledSegment[],
  at: number,
  { stride, range }: PointLevel,
): LabelledSegment[] {
  const [low, high] = range;
  const length = ({ segment: [start, end] }: LabelledSegment): number => end - start;
  return segments
    .filter(({ segment: [start, end] }) => {
      const middle = (start + end) / 2;
      const inside = at > Math.max(middle - RADIUS * stride, start) && at < Math.min(middle + RADIUS * stride, end);
      const reach = Math.max(at - start, end - at);
      return inside && reach >= low && reach <= high;
    })
    .sort((a, b) => length(a) - length(b));
}

/** @param segments on the window's grid of snippets, which need not be whole numbers. */
export function pointTargets(
  segments: readonly LabelledSegment[],
  levels: readonly PointLevel[],
  classes: number,
): PointTargets {
  const count = pointCount(levels);
  const targets = { classes: new Float32Array(count * classes), distances: new Float32Array(count * 2) };
  eachPoint(levels, (point, at, level) => {
    const found = candidates(segments, at, level);
    const [shortest] = found;
    if (!shortest) return;
    const [start, end] = shortest.segment;
    for (const { segment, label } of found)
      if (segment[1] - segment[0] <= end - start + SAME_LENGTH) targets.classes[point * classes + label] = 1;
    targets.distances.set([(at - start) / level.stride, (end - at) / level.stride], point * 2);
  });
  return targets;
}

/** How many points learn to find each of the actions: those whose shortest candidate it is. */
export function positivePoints(segments: readonly LabelledSegment[], levels: readonly PointLevel[]): number[] {
  const counts = new Map(segments.map((one) => [one, 0]));
  eachPoint(levels, (_, at, level) => {
    const [shortest] = candidates(segments, at, level);
    if (shortest) counts.set(shortest, counts.get(shortest)! + 1);
  });
  return segments.map((one) => counts.get(one)!);
}

function eachPoint(levels: readonly PointLevel[], visit: (point: number, at: number, level: PointLevel) => void): void {
  let point = 0;
  for (const level of levels) for (let i = 0; i < level.points; i++) visit(point++, i * level.stride, level);
}
