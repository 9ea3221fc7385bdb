// Paints a dressed body from its joints as a camera sees them: rounded limbs, the far ones first, with soft edges.
import type { Camera } from './camera';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export interface Clothes {
  readonly skin: Colour;
  readonly hair: Colour;
  readonly shirt: Colour;
  readonly trousers: Colour;
  readonly shoes: Colour;
}

/** Red, green and blue of a picture while it is drawn, [height, width, 3], 0 to 255 and beyond. */
export interface PaintedPicture {
  readonly width: number;
  readonly height: number;
  readonly colours: Float32Array;
}

interface Part {
  readonly from: number;
  readonly to: number;
  /** Half the thickness in mm. */
  readonly radius: number;
  readonly wears: keyof Clothes;
}

const parts: readonly Part[] = [
  { from: 1, to: 4, radius: 105, wears: 'trousers' },
  ...[1, 4].map((hip): Part => ({ from: hip, to: hip + 1, radius: 78, wears: 'trousers' })),
  ...[2, 5].map((knee): Part => ({ from: knee, to: knee + 1, radius: 56, wears: 'trousers' })),
  ...[3, 6].map((ankle): Part => ({ from: ankle, to: ankle, radius: 74, wears: 'shoes' })),
  { from: 0, to: 8, radius: 135, wears: 'shirt' },
  { from: 11, to: 14, radius: 72, wears: 'shirt' },
  ...[11, 14].map((shoulder): Part => ({ from: shoulder, to: shoulder + 1, radius: 54, wears: 'shirt' })),
  ...[12, 15].map((elbow): Part => ({ from: elbow, to: elbow + 1, radius: 44, wears: 'skin' })),
  ...[13, 16].map((wrist): Part => ({ from: wrist, to: wrist, radius: 54, wears: 'skin' })),
  { from: 8, to: 9, radius: 55, wears: 'skin' },
  { from: 9, to: 10, radius: 92, wears: 'skin' },
  { from: 10, to: 10, radius: 96, wears: 'hair' },
];

/** A joint in a picture: x and y in pixels, depth and pixels per millimetre there. */
interface Seen {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
  readonly scale: number;
}

/** Where a camera sees a point of the world, in mm; nothing useful for what lies behind it. */
export function seenAt(camera: Camera, x: number, y: number, z: number): Seen {
  const { rotation: r, centre, fx, fy, cx, cy } = camera;
  const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
  const right = r[0]! * dx + r[1]! * dy + r[2]! * dz;
  const down = r[3]! * dx + r[4]! * dy + r[5]! * dz;
  const depth = r[6]! * dx + r[7]! * dy + r[8]! * dz;
  return { x: (fx * right) / depth + cx, y: (fy * down) / depth + cy, depth, scale: fx / depth };
}

/** Paints the body whose 17 joints lie in `world` from `at` on, in mm. Joints must lie before the camera. */
export function paintBody(
  picture: PaintedPicture,
  world: Float32Array,
  at: number,
  camera: Camera,
  clothes: Clothes,
): void {
  const joints = Array.from({ length: 17 }, (_, j) =>
    seenAt(camera, world[at + 3 * j]!, world[at + 3 * j + 1]!, world[at + 3 * j + 2]!),
  );
  const depth = ({ from, to }: Part): number => joints[from]!.depth + joints[to]!.depth;
  for (const part of [...parts].sort((a, b) => depth(b) - depth(a)))
    paintLimb(picture, joints[part.from]!, joints[part.to]!, part.radius, clothes[part.wears]);
}

/** A line with round ends, lit from the viewer's side: darker towards its edges. */
function paintLimb(picture: PaintedPicture, from: Seen, to: Seen, millimetres: number, colour: Colour): void {
  const { width, height, colours } = picture;
  const radius = (millimetres * (from.scale + to.scale)) / 2;
  const reach = radius + 1;
  const [along, down] = [to.x - from.x, to.y - from.y];
  const length = Math.max(along * along + down * down, 1e-9);
  const [top, bottom] = range(from.y, to.y, reach, height);
  const [left, right] = range(from.x, to.x, reach, width);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const share = Math.min(1, Math.max(0, (px * along + py * down) / length));
      const distance = Math.hypot(px - share * along, py - share * down);
      const cover = Math.min(1, radius - distance + 0.5);
      if (cover <= 0) continue;
      const light = 1 - 0.4 * Math.min(1, distance / radius) ** 2;
      const place = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) colours[place + c]! += cover * (colour[c]! * light - colours[place + c]!);
    }
}

/** Pixels that something between two points and `reach` around them may touch, the end not included. */
function range(a: number, b: number, reach: number, size: number): [number, number] {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(size, Math.ceil(Math.max(a, b) + reach))];
}
