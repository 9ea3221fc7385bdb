// A made-up body: limb lengths in millimetres and forward kinematics of the 17 joints.

/** Lengths in mm. */
export interface Body {
  readonly hipWidth: number;
  readonly thigh: number;
  readonly shin: number;
  readonly spine: number;
  readonly chest: number;
  readonly neck: number;
  readonly head: number;
  readonly shoulderWidth: number;
  readonly upperArm: number;
  readonly forearm: number;
}

/** Joint angles in radians; index 0 is the left side, 1 the right. */
export interface Posture {
  /** Turn about the vertical axis; 0 faces +Z. */
  heading: number;
  /** Pelvis and each half of the trunk: forward, to the left, and twisted to the left. */
  lean: number;
  tilt: number;
  bend: number;
  sideBend: number;
  twist: number;
  nod: number;
  look: number;
  /** Thigh forward and outward, knee bent (0 is straight). */
  hip: [number, number];
  hipOut: [number, number];
  knee: [number, number];
  /** Upper arm forward and outward, turned inward about its own axis, elbow bent (0 is straight). */
  shoulder: [number, number];
  shoulderOut: [number, number];
  shoulderTurn: [number, number];
  elbow: [number, number];
}

/** Upright, arms hanging. */
export function standing(): Posture {
  return {
    heading: 0,
    lean: 0,
    tilt: 0,
    bend: 0,
    sideBend: 0,
    twist: 0,
    nod: 0,
    look: 0,
    hip: [0, 0],
    hipOut: [0.05, 0.05],
    knee: [0.08, 0.08],
    shoulder: [0, 0],
    shoulderOut: [0.12, 0.12],
    shoulderTurn: [0, 0],
    elbow: [0.25, 0.25],
  };
}

type Matrix = readonly number[];

const axisX = (a: number): Matrix => [1, 0, 0, 0, Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a)];
const axisY = (a: number): Matrix => [Math.cos(a), 0, Math.sin(a), 0, 1, 0, -Math.sin(a), 0, Math.cos(a)];
const axisZ = (a: number): Matrix => [Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a), 0, 0, 0, 1];

function times(...matrices: Matrix[]): Matrix {
  return matrices.reduce((a, b) =>
    Array.from({ length: 9 }, (_, i) => {
      const row = i - (i % 3);
      return a[row]! * b[i % 3]! + a[row + 1]! * b[3 + (i % 3)]! + a[row + 2]! * b[6 + (i % 3)]!;
    }),
  );
}

/** Writes `joint` = `from` + m · (x, y, z) into `out` at `at` ([17, 3]). */
function put(
  out: Float32Array,
  at: number,
  joint: number,
  from: number,
  m: Matrix,
  x: number,
  y: number,
  z: number,
): void {
  for (let axis = 0; axis < 3; axis++)
    out[at + joint * 3 + axis] =
      out[at + from * 3 + axis]! + m[axis * 3]! * x + m[axis * 3 + 1]! * y + m[axis * 3 + 2]! * z;
}

/** Ankles stand this far above the floor, mm. */
const ankleHeight = 80;

/**
 * Places the 17 joints of a posture into `out` from `at` on ([17, 3] mm, Y up, left is +X at heading 0). The root
 * stands over (x, z), as high as the lower foot needs to touch the floor, plus `lift` mm.
 */
export function placeJoints(
  body: Body,
  posture: Posture,
  x: number,
  z: number,
  lift: number,
  out: Float32Array,
  at: number,
): void {
  const p = posture;
  out[at] = x;
  out[at + 1] = 0;
  out[at + 2] = z;
  const pelvis = times(axisY(p.heading), axisX(p.lean), axisZ(-p.tilt));
  const sides = [
    { side: 1, hip: 4, shoulder: 11 },
    { side: -1, hip: 1, shoulder: 14 },
  ];
  for (const [i, { side, hip }] of sides.entries()) {
    put(out, at, hip, 0, pelvis, (side * body.hipWidth) / 2, -0.08 * body.hipWidth, 0);
    const thigh = times(pelvis, axisX(-p.hip[i]!), axisZ(side * p.hipOut[i]!));
    put(out, at, hip + 1, hip, thigh, 0, -body.thigh, 0);
    put(out, at, hip + 2, hip + 1, times(thigh, axisX(p.knee[i]!)), 0, -body.shin, 0);
  }
  const half = times(axisX(p.bend / 2), axisZ(-p.sideBend / 2), axisY(p.twist / 2));
  const lower = times(pelvis, half);
  const upper = times(lower, half);
  put(out, at, 7, 0, lower, 0, body.spine, 0);
  put(out, at, 8, 7, upper, 0, body.chest, 0);
  const head = times(upper, axisY(p.look), axisX(p.nod));
  put(out, at, 9, 8, head, 0, body.neck, 0.25 * body.neck);
  put(out, at, 10, 9, head, 0, body.head, 0);
  for (const [i, { side, shoulder }] of sides.entries()) {
    put(out, at, shoulder, 8, upper, (side * body.shoulderWidth) / 2, -40, 0);
    const arm = times(
      upper,
      axisX(-p.shoulder[i]!),
      axisZ(side * p.shoulderOut[i]!),
      axisY(-side * p.shoulderTurn[i]!),
    );
    put(out, at, shoulder + 1, shoulder, arm, 0, -body.upperArm, 0);
    put(out, at, shoulder + 2, shoulder + 1, times(arm, axisX(-p.elbow[i]!)), 0, -body.forearm, 0);
  }
  const rise = ankleHeight + lift - Math.min(out[at + 10]!, out[at + 19]!);
  for (let joint = 0; joint < 17; joint++) out[at + joint * 3 + 1]! += rise;
}
