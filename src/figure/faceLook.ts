// What made-up faces look like, and where they sit: everything that stays the same in all their videos.
import { seededRandom } from '../samples/seededRandom';
import type { Random } from '../samples/random';
import { noiseTexture, type Texture } from '../video/noiseTexture';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export interface Look {
  readonly skin: Colour;
  readonly lips: Colour;
  readonly hair: Colour;
  readonly iris: Colour;
  readonly shirt: Colour;
  /** Half the width and height of the head in widths of the picture. */
  readonly width: number;
  readonly height: number;
  /** Places and sizes on the face, in half widths and half heights of the head. */
  readonly eyes: { readonly apart: number; readonly up: number; readonly wide: number; readonly high: number };
  readonly brows: { readonly up: number; readonly thick: number; readonly slant: number };
  readonly nose: { readonly wide: number; readonly down: number };
  readonly mouth: { readonly wide: number; readonly down: number; readonly thick: number };
  readonly hairline: { readonly up: number; readonly bend: number; readonly long: number };
  /** Pores, freckles and folds of the head, twice as wide as the head. */
  readonly grain: Texture;
  /** How much the grain darkens and lightens the skin. */
  readonly grainStrength: number;
  readonly light: { readonly x: number; readonly y: number; readonly z: number; readonly ambient: number };
  readonly wall: {
    readonly near: Colour;
    readonly far: Colour;
    readonly texture: Texture;
    readonly strength: number;
    readonly stripes: number;
  };
  /** Standard deviation of what the camera adds, in grey levels. */
  readonly noise: number;
}

/** Points across a head's grain; it covers two head widths each way. */
export const GRAIN_SIDE = 128;

const paleSkin: Colour = [232, 190, 164];
const darkSkin: Colour = [104, 68, 50];
const hairs: readonly Colour[] = [
  [38, 28, 24],
  [82, 54, 36],
  [132, 88, 50],
  [190, 152, 98],
  [120, 118, 116],
  [112, 48, 30],
];
const irises: readonly Colour[] = [
  [60, 36, 22],
  [70, 92, 116],
  [74, 96, 66],
];

/** The person that a seed stands for. */
export function makeLook(seed: number): Look {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + (most - least) * random();
  const skin = wobble(mix(paleSkin, darkSkin, random()), 12, random);
  const [hair, iris] = [wobble(pick(hairs, random), 10, random), pick(irises, random)];
  const angle = between(-1.2, 1.2);
  const wall = anyColour(random, 70, 200);
  return {
    skin,
    hair,
    iris,
    lips: mix(skin, [170, 54, 60], between(0.35, 0.7)),
    shirt: anyColour(random, 30, 220),
    width: between(0.25, 0.29),
    height: between(0.34, 0.38),
    eyes: { apart: between(0.36, 0.44), up: between(0.08, 0.16), wide: between(0.19, 0.24), high: between(0.07, 0.1) },
    brows: { up: between(0.15, 0.2), thick: between(0.025, 0.05), slant: between(-0.12, 0.12) },
    nose: { wide: between(0.13, 0.2), down: between(0.2, 0.28) },
    mouth: { wide: between(0.3, 0.42), down: between(0.5, 0.57), thick: between(0.06, 0.09) },
    hairline: { up: between(0.5, 0.72), bend: between(0.15, 0.6), long: between(0, 0.9) },
    grain: noiseTexture(random, GRAIN_SIDE, { 2: between(0.7, 1.2), 4: between(0.7, 1), 16: 0.4 }),
    grainStrength: between(0.05, 0.12),
    light: { x: Math.sin(angle), y: between(-0.8, -0.1), z: Math.cos(angle), ambient: between(0.45, 0.7) },
    wall: {
      near: wall,
      far: wobble(wall, 60, random),
      texture: noiseTexture(random, 64, { 2: between(0, 0.6), 4: between(0.2, 1), 16: 1 }),
      strength: between(6, 18),
      stripes: random() < 0.5 ? 0 : between(0.08, 0.3),
    },
    noise: between(1.5, 4),
  };
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)]!;
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

function wobble([red, green, blue]: Colour, by: number, random: Random): Colour {
  const move = (value: number): number => Math.min(245, Math.max(15, value + (random() * 2 - 1) * by));
  return [move(red), move(green), move(blue)];
}

function anyColour(random: Random, least: number, most: number): Colour {
  const one = (): number => least + (most - least) * random();
  return [one(), one(), one()];
}
