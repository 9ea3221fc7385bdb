// Draws faces that nobody has: skin, hair, eyes and a mouth that speaks; a manipulated one carries a patch that does not fit.
import type { JudgedVideoStill } from '../../../src/ui/judged/judgedPass';

const size = 160;

type Colour = readonly [number, number, number];

const skins: readonly Colour[] = [
  [224, 172, 138],
  [141, 94, 66],
  [241, 201, 172],
  [176, 124, 88],
];
const hairs: readonly Colour[] = [
  [44, 34, 30],
  [92, 62, 38],
  [24, 22, 26],
  [150, 112, 70],
];
const walls: readonly Colour[] = [
  [96, 122, 138],
  [128, 120, 104],
  [84, 98, 92],
  [118, 104, 128],
];

/** 1 inside an ellipse, 0 outside, soft over `edge`. */
function ellipse(x: number, y: number, cx: number, cy: number, rx: number, ry: number, edge = 0.05): number {
  const distance = Math.hypot((x - cx) / rx, (y - cy) / ry);
  return Math.min(1, Math.max(0, (1 + edge - distance) / (2 * edge)));
}

type Face = Pick<JudgedVideoStill, 'width' | 'height' | 'pixels'>;

/** Every view of a run shows much the same stills, and one takes longer than all numbers of a view. */
const drawn = new Map<string, Face>();

/** A still of person `person` at `seconds`, which nobody may change. */
export function fakeFace(person: number, seconds: number, manipulated: boolean): Face {
  const key = `${person} ${seconds} ${manipulated}`;
  const face = drawn.get(key) ?? drawFace(person, seconds, manipulated);
  drawn.set(key, face);
  return face;
}

/** Coordinates in here run from -1 to 1. */
function drawFace(person: number, seconds: number, manipulated: boolean): Face {
  const pixels = new Uint8Array(size * size * 4);
  const skin = skins[person % skins.length]!;
  const patch = skins[(person + 2) % skins.length]!;
  const hair = hairs[(person + 1) % hairs.length]!;
  const wall = walls[person % walls.length]!;
  const turn = 0.06 * Math.sin(seconds * 1.3 + person);
  const mouth = 0.03 + 0.05 * Math.abs(Math.sin(seconds * 4 + person));
  const colour = new Float64Array(3);
  const paint = (over: Colour, share: number) => {
    if (share > 0) for (let i = 0; i < 3; i++) colour[i] = colour[i]! * (1 - share) + over[i]! * share;
  };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (2 * column) / size - 1 - turn;
      const y = (2 * row) / size - 1;
      colour.set(wall);
      const light = 1 - 0.22 * x - 0.12 * y;
      paint([58, 66, 84], ellipse(x, y, 0, 1.25, 0.9, 0.55));
      paint(hair, ellipse(x, y, 0, -0.16, 0.62, 0.74));
      paint(skin, ellipse(x, y, 0, 0.55, 0.24, 0.4));
      paint(skin, ellipse(x, y, 0, 0.08, 0.5, 0.64));
      paint(hair, ellipse(x, y, 0.1, -0.62, 0.5, 0.26, 0.2));
      if (manipulated) paint(patch, 0.75 * ellipse(x, y, 0.05, 0.12, 0.36, 0.42, 0.02));
      for (const side of [-1, 1]) {
        const shift = manipulated && side > 0 ? 0.03 : 0;
        paint([250, 248, 244], ellipse(x, y, side * 0.19, -0.02 + shift, 0.1, 0.055));
        paint([52, 40, 34], ellipse(x, y, side * 0.19 + turn / 3, -0.02 + shift, 0.045, 0.05));
        paint(hair, ellipse(x, y, side * 0.19, -0.15 + shift, 0.12, 0.025, 0.4));
      }
      paint([120, 70, 56], 0.35 * ellipse(x, y, 0.02, 0.2, 0.05, 0.08, 0.5));
      paint([128, 44, 46], ellipse(x, y, 0, 0.42, 0.15, 0.03 + mouth));
      paint([60, 18, 22], ellipse(x, y, 0, 0.42, 0.11, mouth));
      const grain = 6 * Math.sin(row * 12.9898 + column * 78.233 + person);
      const at = (row * size + column) * 4;
      colour.forEach((value, i) => (pixels[at + i] = Math.min(255, Math.max(0, value * light + grain))));
      pixels[at + 3] = 255;
    }
  }
  return { width: size, height: size, pixels };
}
