// Lifted poses as a body that stands in a room: Y up, feet on the floor, moving across as it does in the picture.
import { runningMean, scaledPoses, scaleOf, type LiftedPoses, type ScaleOptions } from './personScale';
import { JOINTS } from './skeleton';

const frameValues = JOINTS * 3;

/** Over which the height of the floor is averaged: a jump leaves it. */
const floorSeconds = 0.5;

export interface SeenPoses extends LiftedPoses {
  /** Of the picture, in pixels. */
  readonly width: number;
  /** x, y in pixels and a confidence, [F, 17, 3]. */
  readonly input: readonly number[];
}

/**
 * World positions in mm, [F, 17, 3]: x right and z towards the camera, so that whoever faces it faces +z. How far away the
 * body is nobody knows: it stays at one distance, and the lowest joint of half a second lies on the floor.
 */
export function standingPoses(person: SeenPoses, options: ScaleOptions): Float64Array<ArrayBuffer> {
  const poses = scaledPoses(person, options);
  const frames = poses.length / frameValues;
  const times = person.times.slice(0, frames);
  const scale = scaleOf(person, options.height);
  const across = times.map((_, frame) => (person.input[frame * frameValues]! - person.width / 2) * scale[frame]!);
  const steady = runningMean(Float64Array.from(across), 1, times, options.smoothingSeconds);
  const lowest = Float64Array.from(times, (_, frame) => lowestOf(poses, frame * frameValues));
  const floor = runningMean(lowest, 1, times, floorSeconds);
  return poses.map((value, i) => {
    const frame = Math.floor(i / frameValues);
    if (i % 3 === 0) return value + steady[frame]!;
    return i % 3 === 1 ? floor[frame]! - value : -value;
  });
}

/** y points down: the largest. */
function lowestOf(poses: ArrayLike<number>, at: number): number {
  let lowest = -Infinity;
  for (let joint = 0; joint < JOINTS; joint++) lowest = Math.max(lowest, poses[at + joint * 3 + 1]!);
  return lowest;
}

/** Poses at even times from those at any, in a straight line between two; [F, 17, 3] both. */
export function evenlySpaced(
  poses: ArrayLike<number>,
  times: readonly number[],
  framesPerSecond: number,
): Float64Array<ArrayBuffer> {
  const frames = poses.length / frameValues;
  if (frames === 0) return new Float64Array(0);
  const count = Math.floor((times[frames - 1]! - times[0]!) * framesPerSecond + 1e-6) + 1;
  const out = new Float64Array(count * frameValues);
  let before = 0;
  for (let k = 0; k < count; k++) {
    const wanted = times[0]! + k / framesPerSecond;
    while (before + 2 < frames && times[before + 1]! <= wanted) before++;
    const after = Math.min(before + 1, frames - 1);
    const passed = times[after]! - times[before]!;
    const share = passed > 0 ? Math.min(1, Math.max(0, (wanted - times[before]!) / passed)) : 0;
    for (let i = 0; i < frameValues; i++)
      out[k * frameValues + i] =
        (1 - share) * poses[before * frameValues + i]! + share * poses[after * frameValues + i]!;
  }
  return out;
}
