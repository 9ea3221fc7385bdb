// The demo's manipulation: another face, or the same one, coarser and off in colour, laid over the middle of a head.
import { seededRandom } from '../../samples/seededRandom';
import type { Random } from '../../samples/random';
import { faceColour, type Point } from '../../figure/face';
import type { Look } from '../../figure/faceLook';
import type { Picture } from './demoPicture';
import type { Pose } from '../../figure/headPose';

/** How a patch differs from what it covers. */
export interface Manipulation {
  /** Whose face is laid over: another person's, or the own one. */
  readonly donor: Look;
  readonly seed: number;
  /** Pixels of the picture to one of the patch, which was made smaller and enlarged again. */
  readonly coarseness: number;
  /** How much of the difference in mean colour was taken away, 0 to 1. */
  readonly match: number;
  /** Factors on red, green and blue after that. */
  readonly tint: readonly [number, number, number];
  /** How far its place is off, from frame to frame, in pixels of a picture 96 wide. */
  readonly jitter: number;
  /** The width of its rim, in half head widths. */
  readonly feather: number;
  /** The camera's noise on the patch, 1 is as everywhere. */
  readonly noise: number;
}

/** A manipulation of `look` by the face of `donor`, which may be the same person. */
export function makeManipulation(seed: number, donor: Look): Manipulation {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + (most - least) * random();
  const grey = between(-0.05, 0.05);
  const tint = (): number => 1 + grey + between(-0.05, 0.05);
  return {
    donor,
    seed,
    coarseness: between(2, 3),
    match: between(0.7, 0.95),
    tint: [tint(), tint(), tint()],
    jitter: between(1.2, 2),
    feather: between(0.1, 0.22),
    noise: between(0.3, 0.8),
  };
}

/** The patch lies around the nose and covers brows and mouth. */
const patch = { down: 0.08, wide: 0.8, high: 0.7 };

/** Lays the patch over the head that `pose` says, and lowers the noise there. Equal calls change equally. */
export function patchFace(picture: Picture, look: Look, pose: Pose, how: Manipulation, frame: number): void {
  const { side, colours, noise } = picture;
  const random = seededRandom(how.seed + 977 * frame);
  const off = (): number => ((random() * 2 - 1) * how.jitter) / 96;
  const [x, y] = [pose.x + off(), pose.y + off()];
  const [cos, sin] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  const [wide, high] = [look.width * pose.scale, look.height * pose.scale];
  const [middleX, middleY] = [pose.turn * 0.9, patch.down + pose.nod * 0.9];
  const coarse = coarseFace(how, pose, { x, y, cos, sin, wide, high, side }, random);
  matchColours(picture, coarse, how);
  const { step, columns, left, top, values } = coarse;
  const bottom = Math.min(side, Math.ceil(top + (coarse.rows - 1) * step));
  const right = Math.min(side, Math.ceil(left + (columns - 1) * step));
  for (let row = Math.max(0, Math.ceil(top)); row < bottom; row++) {
    const down = (row - top) / step;
    const above = Math.floor(down);
    for (let column = Math.max(0, Math.ceil(left)); column < right; column++) {
      const dx = column / side - x;
      const dy = row / side - y;
      const u = ((dx * cos + dy * sin) / wide - middleX) / patch.wide;
      const v = ((dy * cos - dx * sin) / high - middleY) / patch.high;
      const inward = (1 - Math.sqrt(u * u + v * v)) / how.feather;
      if (inward <= 0) continue;
      const share = Math.min(1, inward);
      const along = (column - left) / step;
      const before = Math.floor(along);
      const fx = along - before;
      const fy = down - above;
      const from = (above * columns + before) * 3;
      const below = from + columns * 3;
      const at = row * side + column;
      for (let colour = 0; colour < 3; colour++) {
        const upper = values[from + colour]! * (1 - fx) + values[from + 3 + colour]! * fx;
        const lower = values[below + colour]! * (1 - fx) + values[below + 3 + colour]! * fx;
        const value = upper * (1 - fy) + lower * fy;
        colours[at * 3 + colour]! += share * (value - colours[at * 3 + colour]!);
      }
      noise[at]! += share * (how.noise - 1);
    }
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly cos: number;
  readonly sin: number;
  readonly wide: number;
  readonly high: number;
  readonly side: number;
}

/** A face on a grid of its own: point (row, column) lies at (top + row · step, left + column · step) of the picture. */
interface CoarseFace {
  readonly step: number;
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
}

/** The donor's face where the head is, each value a mean over its surroundings. */
function coarseFace({ donor, coarseness }: Manipulation, pose: Pose, place: Place, random: Random): CoarseFace {
  const { x, y, cos, sin, wide, high, side } = place;
  const step = (coarseness * side) / 96;
  const reach = Math.max(wide, high) * side;
  const [left, top] = [x * side - reach - step * random(), y * side - reach - step * random()];
  const columns = Math.ceil((2 * reach) / step) + 2;
  const values = new Float32Array(columns * columns * 3);
  const point: Point = new Float64Array(4);
  for (let row = 0, at = 0; row < columns; row++) {
    for (let column = 0; column < columns; column++, at += 3) {
      for (let part = 0; part < 4; part++) {
        const dx = (left + (column + (part & 1) / 2 - 0.25) * step) / side - x;
        const dy = (top + (row + (part >> 1) / 2 - 0.25) * step) / side - y;
        const u = (dx * cos + dy * sin) / wide;
        const v = (dy * cos - dx * sin) / high;
        if (u * u + v * v > 1.2) continue;
        faceColour(donor, pose, u, v, (wide * side) / coarseness, point);
        values[at]! += 0.25 * point[0]!;
        values[at + 1]! += 0.25 * point[1]!;
        values[at + 2]! += 0.25 * point[2]!;
      }
    }
  }
  return { step, left, top, columns, rows: columns, values };
}

/** Brings the patch's colours near those of what it covers: mean by mean, and contrast half the way. */
function matchColours({ side, colours }: Picture, coarse: CoarseFace, { match, tint }: Manipulation): void {
  const { step, left, top, columns, values } = coarse;
  const own = [1, 1, 1];
  const wanted = [1, 1, 1];
  let count = 1;
  const quarter = Math.floor(columns / 4);
  for (let row = quarter; row < columns - quarter; row++) {
    for (let column = quarter; column < columns - quarter; column++) {
      const [px, py] = [Math.round(left + column * step), Math.round(top + row * step)];
      if (px < 0 || py < 0 || px >= side || py >= side) continue;
      count++;
      for (let colour = 0; colour < 3; colour++) {
        own[colour]! += values[(row * columns + column) * 3 + colour]!;
        wanted[colour]! += colours[(py * side + px) * 3 + colour]!;
      }
    }
  }
  for (let colour = 0; colour < 3; colour++) {
    const mean = own[colour]! / count;
    const target = mean + match * (wanted[colour]! / count - mean);
    const contrast = Math.sqrt(target / mean) * tint[colour]!;
    const middle = target * tint[colour]!;
    for (let at = colour; at < values.length; at += 3) values[at] = (values[at]! - mean) * contrast + middle;
  }
}
