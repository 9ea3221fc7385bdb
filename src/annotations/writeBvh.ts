// Writes poses as BVH: a skeleton with Mixamo's names and the person's own bone lengths, turned joint by joint.

export interface BvhPoses {
  /** World positions of Human3.6M's 17 joints, [F, 17, 3], Y up. */
  readonly world: ArrayLike<number>;
  readonly framesPerSecond: number;
  /** What a unit of `world` is in millimetres. */
  readonly millimetresPerUnit: number;
}

type Vector = readonly [number, number, number];
/** Rows of a rotation. */
type Rotation = readonly [Vector, Vector, Vector];

interface Bone {
  readonly name: string;
  /** Index in this list; -1 for the root. */
  readonly parent: number;
  /** Of the 17. */
  readonly joint: number;
  /** Where the bone points in the pose that the skeleton is written in, a T that faces +z. */
  readonly rest: Vector;
}

const [up, down, left, right]: Vector[] = [
  [0, 1, 0],
  [0, -1, 0],
  [1, 0, 0],
  [-1, 0, 0],
];
const bones: readonly Bone[] = [
  { name: 'Hips', parent: -1, joint: 0, rest: [0, 0, 0] },
  { name: 'RightUpLeg', parent: 0, joint: 1, rest: right! },
  { name: 'RightLeg', parent: 1, joint: 2, rest: down! },
  { name: 'RightFoot', parent: 2, joint: 3, rest: down! },
  { name: 'LeftUpLeg', parent: 0, joint: 4, rest: left! },
  { name: 'LeftLeg', parent: 4, joint: 5, rest: down! },
  { name: 'LeftFoot', parent: 5, joint: 6, rest: down! },
  // Where the pelvis and the thorax are, so that spine and neck bend apart from hips and shoulders.
  { name: 'Spine', parent: 0, joint: 0, rest: [0, 0, 0] },
  { name: 'Spine1', parent: 7, joint: 7, rest: up! },
  { name: 'Neck', parent: 8, joint: 8, rest: up! },
  { name: 'Neck1', parent: 9, joint: 8, rest: [0, 0, 0] },
  { name: 'Head', parent: 10, joint: 9, rest: up! },
  { name: 'HeadTop_End', parent: 11, joint: 10, rest: up! },
  { name: 'LeftArm', parent: 9, joint: 11, rest: left! },
  { name: 'LeftForeArm', parent: 13, joint: 12, rest: left! },
  { name: 'LeftHand', parent: 14, joint: 13, rest: left! },
  { name: 'RightArm', parent: 9, joint: 14, rest: right! },
  { name: 'RightForeArm', parent: 16, joint: 15, rest: right! },
  { name: 'RightHand', parent: 17, joint: 16, rest: right! },
];
/** What turns a bone with several others on it: joints across, from right to left, and joints upwards. */
const forks: Readonly<Record<number, readonly [right: number, left: number, below: number, above: number]>> = {
  0: [1, 4, 0, 7],
  9: [14, 11, 7, 8],
};
const joints = 17;
/** Mixamo's unit is a centimetre. */
const UNIT_MILLIMETRES = 10;

/** Bones have their mean length, and leave stiff parts (pelvis, thorax) as they do on average. */
export function writeBvh({ world, framesPerSecond, millimetresPerUnit }: BvhPoses): string {
  const scale = millimetresPerUnit / UNIT_MILLIMETRES;
  const frames = world.length / (joints * 3);
  const at = (frame: number, joint: number): Vector => {
    const i = (frame * joints + joint) * 3;
    return [world[i]! * scale, world[i + 1]! * scale, world[i + 2]! * scale];
  };
  const count = Array.from({ length: frames }, (_, frame) => frame);
  const offsets = bones.map(({ parent, joint, rest }): Vector => {
    if (parent < 0) return rest;
    const from = bones[parent]!.joint;
    const along = (frame: number): Vector => minus(at(frame, joint), at(frame, from));
    // Bones of a stiff part need not leave it along its axes: the thorax lies above the line of the shoulders.
    if (forks[parent])
      return mean(count.map((frame) => apply(transposed(forkTurn(parent, (j) => at(frame, j))), along(frame))));
    return scaled(rest, mean(count.map((frame): Vector => [length(along(frame)), 0, 0]))[0]);
  });
  const lines = ['HIERARCHY'];
  writeBone(0, 0, offsets, lines);
  lines.push('MOTION', `Frames: ${frames}`, `Frame Time: ${(1 / framesPerSecond).toFixed(7)}`);
  for (let frame = 0; frame < frames; frame++) {
    const values = [...at(frame, 0), ...localAngles((joint) => at(frame, joint))];
    lines.push(values.map((value) => value.toFixed(4)).join(' '));
  }
  return `${lines.join('\n')}\n`;
}

function writeBone(index: number, depth: number, offsets: readonly Vector[], lines: string[]): void {
  const { name, parent } = bones[index]!;
  const indent = '  '.repeat(depth);
  const offset = offsets[index]!.map((part) => part.toFixed(4)).join(' ');
  lines.push(`${indent}${parent < 0 ? 'ROOT' : 'JOINT'} ${name}`, `${indent}{`, `${indent}  OFFSET ${offset}`);
  const rotations = 'Zrotation Xrotation Yrotation';
  lines.push(`${indent}  CHANNELS ${parent < 0 ? `6 Xposition Yposition Zposition ${rotations}` : `3 ${rotations}`}`);
  const children = bones.flatMap((bone, i) => (bone.parent === index ? [i] : []));
  for (const child of children) writeBone(child, depth + 1, offsets, lines);
  if (children.length === 0)
    lines.push(`${indent}  End Site`, `${indent}  {`, `${indent}    OFFSET 0 0 0`, `${indent}  }`);
  lines.push(`${indent}}`);
}

/** Angles of all bones in the order in which they are written, about z, x and y, in degrees. */
function localAngles(at: (joint: number) => Vector): number[] {
  const turns: Rotation[] = [];
  const angles: number[] = [];
  bones.forEach((bone, i) => {
    const parent = bone.parent < 0 ? identity : turns[bone.parent]!;
    const turn = turnOf(i, parent, at);
    turns.push(turn);
    const local = times(transposed(parent), turn);
    const degrees = (radians: number): number => (radians * 180) / Math.PI;
    angles.push(
      degrees(Math.atan2(-local[0][1], local[1][1])),
      degrees(Math.asin(Math.min(1, Math.max(-1, local[2][1])))),
      degrees(Math.atan2(-local[2][0], local[2][2])),
    );
  });
  return angles;
}

/** How a joint is turned in the world, so that its bones point where they should; as its parent where it has none. */
function turnOf(index: number, parent: Rotation, at: (joint: number) => Vector): Rotation {
  const { joint } = bones[index]!;
  if (forks[index]) return forkTurn(index, at);
  const child = bones.find((bone) => bone.parent === index);
  if (!child) return parent;
  return times(between(apply(parent, child.rest), unit(minus(at(child.joint), at(joint)))), parent);
}

/** Across as its joints lie, and upwards as far as that goes. */
function forkTurn(index: number, at: (joint: number) => Vector): Rotation {
  const [rightHand, leftHand, below, above] = forks[index]!;
  const x = unit(minus(at(leftHand), at(rightHand)));
  const towards = minus(at(above), at(below));
  const y = unit(minus(towards, scaled(x, dot(towards, x))));
  return transposed([x, y, cross(x, y)]);
}

const identity: Rotation = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** The smallest turn that takes one direction to another (Rodrigues' formula). */
function between(from: Vector, to: Vector): Rotation {
  const axis = cross(from, to);
  const cos = dot(from, to);
  // Opposite directions: half a turn about any axis across.
  if (cos < -1 + 1e-9) {
    const across = unit(Math.abs(from[0]) < 0.9 ? cross(from, [1, 0, 0]) : cross(from, [0, 1, 0]));
    return [0, 1, 2].map((r) =>
      [0, 1, 2].map((c) => 2 * across[r]! * across[c]! - (r === c ? 1 : 0)),
    ) as unknown as Rotation;
  }
  const [x, y, z] = axis;
  const k = 1 / (1 + cos);
  return [
    [cos + k * x * x, k * x * y - z, k * x * z + y],
    [k * x * y + z, cos + k * y * y, k * y * z - x],
    [k * x * z - y, k * y * z + x, cos + k * z * z],
  ];
}

function mean(all: readonly Vector[]): Vector {
  const sum = (axis: 0 | 1 | 2): number => all.reduce((total, one) => total + one[axis], 0) / Math.max(1, all.length);
  return [sum(0), sum(1), sum(2)];
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled([x, y, z]: Vector, by: number): Vector {
  return [x * by, y * by, z * by];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function length(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

/** Straight up where there is no direction. */
function unit(a: Vector): Vector {
  const long = length(a);
  return long > 1e-9 ? scaled(a, 1 / long) : [0, 1, 0];
}

function apply(rotation: Rotation, vector: Vector): Vector {
  return [dot(rotation[0], vector), dot(rotation[1], vector), dot(rotation[2], vector)];
}

function transposed([a, b, c]: Rotation): Rotation {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function times(a: Rotation, b: Rotation): Rotation {
  const columns = transposed(b);
  return a.map((row) => columns.map((column) => dot(row, column))) as unknown as Rotation;
}
