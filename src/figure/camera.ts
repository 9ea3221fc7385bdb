// Cameras that look at motion in world axes (Y up): where they stand and how they see (spec section 12).

export interface Intrinsics {
  /** Focal lengths in pixels. */
  readonly fx: number;
  readonly fy: number;
  /** Principal point in pixels. */
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
}

export interface Camera extends Intrinsics {
  /** Rows right, down, forward, [3, 3]. */
  readonly rotation: Float64Array;
  /** Millimetres, world axes. */
  readonly centre: readonly [number, number, number];
  /** Radians about the vertical axis; 0 looks along -Z. */
  readonly yaw: number;
}

type Point = readonly [number, number, number];

/** The four cameras of Human3.6M. Their lens distortion is left out. */
export const human36mCameras: Readonly<Record<string, Intrinsics>> = {
  '54138969': { fx: 1145.05, fy: 1143.78, cx: 512.54, cy: 515.45, width: 1000, height: 1002 },
  '55011271': { fx: 1149.68, fy: 1147.59, cx: 508.85, cy: 508.06, width: 1000, height: 1000 },
  '58860488': { fx: 1149.14, fy: 1148.8, cx: 519.82, cy: 501.4, width: 1000, height: 1000 },
  '60457274': { fx: 1145.51, fy: 1144.77, cx: 514.97, cy: 501.88, width: 1000, height: 1002 },
};

/** What the virtual cameras and videos of unknown cameras have. */
export const plainIntrinsics: Intrinsics = { fx: 1145, fy: 1145, cx: 500, cy: 500, width: 1000, height: 1000 };

/** Yaws of the four virtual cameras, radians. */
export const virtualYaws: readonly number[] = [0.6, 2.2, 3.7, 5.3];

/** A camera `distance` mm from `target`, turned by `yaw` and looking down by `pitch` (radians). */
export function cameraAt(yaw: number, pitch: number, distance: number, target: Point, intrinsics: Intrinsics): Camera {
  const sinYaw = Math.sin(yaw);
  const cosYaw = Math.cos(yaw);
  const sinPitch = Math.sin(pitch);
  const cosPitch = Math.cos(pitch);
  const forward: Point = [-sinYaw * cosPitch, -sinPitch, -cosYaw * cosPitch];
  const right: Point = [cosYaw, 0, -sinYaw];
  const down: Point = [
    forward[1] * right[2] - forward[2] * right[1],
    forward[2] * right[0] - forward[0] * right[2],
    forward[0] * right[1] - forward[1] * right[0],
  ];
  return {
    ...intrinsics,
    rotation: Float64Array.of(...right, ...down, ...forward),
    centre: [target[0] - distance * forward[0], target[1] - distance * forward[1], target[2] - distance * forward[2]],
    yaw,
  };
}

/** The space that a recording takes: what cameras look at, and how far joints go from there on the floor. */
export interface Stage {
  /** Mean position of the root, mm. */
  readonly target: Point;
  /** Largest horizontal distance of any joint from the target, mm. */
  readonly reach: number;
}

/** Stage of a recording, [frames, 17, 3] in mm, world axes. */
export function stageOf(world: Float32Array): Stage {
  const frames = world.length / 51;
  const target: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < world.length; at += 51)
    for (let axis = 0; axis < 3; axis++) target[axis]! += world[at + axis]! / frames;
  let reach = 0;
  for (let at = 0; at < world.length; at += 3)
    reach = Math.max(reach, Math.hypot(world[at]! - target[0], world[at + 2]! - target[2]));
  return { target, reach };
}

/** Nobody comes nearer to a camera than this, mm. */
const nearest = 1200;

/**
 * A camera on a stand: `height` mm above the floor (y = 0) and `away` mm from the target on the floor, looking at
 * the target; so its pitch is atan((height − target y) / away). It stands further back where the recording's reach
 * would bring a joint nearer than 1.2 m.
 */
export function standingCamera(
  stage: Stage,
  yaw: number,
  height = 1500,
  away = 6000,
  intrinsics = plainIntrinsics,
): Camera {
  const floor = Math.max(away, stage.reach + nearest);
  const rise = height - stage.target[1];
  return cameraAt(yaw, Math.atan2(rise, floor), Math.hypot(rise, floor), stage.target, intrinsics);
}

/** The four fixed cameras: 1.5 m high, 6 m away. */
export function virtualCameras(stage: Stage): Camera[] {
  return virtualYaws.map((yaw) => standingCamera(stage, yaw));
}

/** A new camera anywhere around the stage: 1 to 2 m high, 5 to 7 m away. */
export function randomCamera(stage: Stage, random: () => number): Camera {
  const yaw = random() * 2 * Math.PI;
  const height = 1000 + 1000 * random();
  return standingCamera(stage, yaw, height, 5000 + 2000 * random());
}
