// Draws one body from projected joints: far bones first, sides by colour, errors as rings around the joints.
import { errorLevel, limbs, type Side } from './limbs';

/** A point of space on the canvas. */
export interface Projected {
  readonly x: number;
  readonly y: number;
  /** Larger is further away. */
  readonly depth: number;
}

export interface BodyLook {
  readonly ghost: boolean;
  /** Error of each joint in mm, where it is to be shown. */
  readonly errors: ArrayLike<number> | null;
  readonly colour: (name: string) => string;
}

const limbColour: Readonly<Record<Side, string>> = {
  left: '--limb-left',
  right: '--limb-right',
  middle: '--limb-middle',
};

export function drawBody(context: CanvasRenderingContext2D, joints: readonly Projected[], look: BodyLook): void {
  context.lineCap = 'round';
  context.setLineDash(look.ghost ? [2, 5] : []);
  context.lineWidth = look.ghost ? 2 : 4;
  const far = (limb: (typeof limbs)[number]) => joints[limb.from]!.depth + joints[limb.to]!.depth;
  for (const limb of [...limbs].sort((a, b) => far(b) - far(a))) {
    const from = joints[limb.from]!;
    const to = joints[limb.to]!;
    context.strokeStyle = look.colour(look.ghost ? '--ghost' : limbColour[limb.side]);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.setLineDash([]);
  if (!look.ghost) drawJoints(context, joints, look);
}

function drawJoints(context: CanvasRenderingContext2D, joints: readonly Projected[], look: BodyLook): void {
  joints.forEach((joint, index) => {
    const error = look.errors?.[index];
    context.beginPath();
    context.arc(joint.x, joint.y, error === undefined ? 2.5 : 4.5, 0, 2 * Math.PI);
    context.fillStyle = look.colour(error === undefined ? '--text' : `--error-${errorLevel(error)}`);
    context.fill();
    if (error === undefined) return;
    context.lineWidth = 1.5;
    context.strokeStyle = look.colour('--surface');
    context.stroke();
  });
}

/** Lines from each predicted joint to where it should be. */
export function drawMisses(
  context: CanvasRenderingContext2D,
  joints: readonly Projected[],
  truth: readonly Projected[],
  colour: (name: string) => string,
): void {
  context.lineWidth = 1;
  context.strokeStyle = colour('--ghost');
  joints.forEach((joint, index) => {
    const goal = truth[index]!;
    context.beginPath();
    context.moveTo(joint.x, joint.y);
    context.lineTo(goal.x, goal.y);
    context.stroke();
  });
}

/** A square grid on the floor; `project` maps floor coordinates in mm. */
export function drawFloor(
  context: CanvasRenderingContext2D,
  project: (x: number, z: number) => Projected,
  halfSize: number,
  cells: number,
  colour: string,
): void {
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.beginPath();
  for (let i = 0; i <= cells; i++) {
    const at = -halfSize + (2 * halfSize * i) / cells;
    for (const [from, to] of [
      [project(at, -halfSize), project(at, halfSize)],
      [project(-halfSize, at), project(halfSize, at)],
    ] as const) {
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  }
  context.stroke();
}
