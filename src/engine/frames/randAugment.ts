// RandAugment as mmaction's `Imgaug` has it: two of fifteen operations on bytes, in a fixed order and of a fixed strength.
// https://github.com/open-mmlab/mmaction2/blob/v1.2.0/mmaction/datasets/transforms/processing.py
import type { Size } from './placement';

/** In the order in which drawn ones are applied. */
const ops = [
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'posterize',
  'solarize',
  'colour',
  'contrast',
  'brightness',
  'sharpness',
  'autocontrast',
  'equalize',
  'invert',
  'cutout',
] as const;

export type AugmentOp = (typeof ops)[number];

export interface AugmentStep {
  readonly op: AugmentOp;
  /** Degrees, a share of the side, bits, a level or a factor: `strengths` says which. */
  readonly amount: number;
  /** Middle of what is cut out, as shares of width and height. */
  readonly middle?: readonly [number, number];
}

/** One draw: steps in the order of the list. */
export type RandAugment = readonly AugmentStep[];

/** How many operations can be drawn at most. */
export const MOST_OPERATIONS = ops.length;

const LEVEL = 0.9;
const FACTOR = 1.8 * LEVEL + 0.1;

/** Degrees of shears and the rotation, shares of translations and the cut, bits that stay, the level from which on. */
const strengths: Readonly<Record<AugmentOp, number>> = {
  ...{ shearX: 17.19 * LEVEL, shearY: 17.19 * LEVEL, translateX: 0.2 * LEVEL, translateY: 0.2 * LEVEL },
  ...{ rotate: 30 * LEVEL, posterize: Math.trunc(4 * LEVEL), solarize: 256 * LEVEL },
  ...{ colour: FACTOR, contrast: FACTOR, brightness: FACTOR, sharpness: FACTOR },
  ...{ autocontrast: 0, equalize: 0, invert: 0, cutout: 0.2 * LEVEL },
};

const signed: ReadonlySet<AugmentOp> = new Set(['shearX', 'shearY', 'translateX', 'translateY', 'rotate']);

/** Which way shears, translations and the rotation go: drawn once for a run. `random` gives numbers in [0, 1). */
export function drawSigns(random: () => number): ReadonlyMap<AugmentOp, number> {
  return new Map([...signed].map((op) => [op, random() < 0.5 ? -1 : 1]));
}

/** `count` different operations for one clip. `random` gives numbers in [0, 1). */
export function drawRandAugment(
  count: number,
  signs: ReadonlyMap<AugmentOp, number>,
  random: () => number,
): AugmentStep[] {
  const left = [...ops];
  const drawn = new Set(
    Array.from({ length: Math.min(count, ops.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0]!),
  );
  return ops
    .filter((op) => drawn.has(op))
    .map((op) => ({
      ...{ op, amount: strengths[op] * (signs.get(op) ?? 1) },
      ...(op === 'cutout' && { middle: [random(), random()] as const }),
    }));
}

/** Those whose result depends on all of a frame. */
export function needsTable({ op }: AugmentStep): boolean {
  return op === 'contrast' || op === 'autocontrast' || op === 'equalize';
}

/** Words of the struct `Step` in augmentKernels.ts. */
export const STEP_WORDS = 16;

/**
 * A step as the kernels read it. `size` is that of the picture as it lies in memory; `transposed`: its columns are rows
 * of the output.
 */
export function encodeStep(step: AugmentStep, size: Size, transposed: boolean): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(STEP_WORDS);
  const floats = new Float32Array(words.buffer);
  const { width, height } = transposed ? { width: size.height, height: size.width } : size;
  words.set([size.width, size.height, ops.indexOf(step.op)]);
  floats[3] = step.amount;
  const [a, b, c, d, e, f] = sourceOf(step, width, height);
  floats.set(transposed ? [e, d, f, 0, b, a, c, 0] : [a, b, c, 0, d, e, f, 0], 4);
  const [left, top, right, bottom] = cutOf(step, width, height);
  words.set(transposed ? [top, left, bottom, right] : [left, top, right, bottom], 12);
  return words;
}

type Affine = readonly [number, number, number, number, number, number];

/** Where output pixel (x, y) comes from: (a x + b y + c, d x + e y + f), about the middle of the picture as OpenCV turns. */
function sourceOf({ op, amount }: AugmentStep, width: number, height: number): Affine {
  const angle = (amount * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // imgaug shears by the hyperbolic tangent.
  const shear = Math.tanh(angle);
  const [x, y] = [width / 2 - 0.5, height / 2 - 0.5];
  const about = (a: number, b: number, d: number, e: number): Affine => [
    a,
    b,
    x - a * x - b * y,
    d,
    e,
    y - d * x - e * y,
  ];
  switch (op) {
    case 'shearX':
      return about(1, shear, 0, 1);
    case 'shearY':
      return about(1, 0, -shear, 1);
    case 'translateX':
      return [1, 0, -Math.round(amount * width), 0, 1, 0];
    case 'translateY':
      return [1, 0, 0, 0, 1, -Math.round(amount * height)];
    case 'rotate':
      return about(cos, sin, -sin, cos);
    default:
      return [1, 0, 0, 0, 1, 0];
  }
}

/** Columns and rows that are cut out, the ends not included: a square, as much of it as lies in the picture. */
function cutOf({ amount, middle }: AugmentStep, width: number, height: number): [number, number, number, number] {
  if (!middle) return [0, 0, 0, 0];
  const half = (amount * Math.min(width, height)) / 2;
  const [x, y] = [middle[0] * width, middle[1] * height];
  const place = (at: number, side: number): number => Math.min(Math.max(Math.round(at), 0), side);
  return [place(x - half, width), place(y - half, height), place(x + half, width), place(y + half, height)];
}

/** The operation's number in the kernels. */
export const codeOf = (op: AugmentOp): number => ops.indexOf(op);
