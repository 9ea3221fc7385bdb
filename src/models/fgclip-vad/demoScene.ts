// Draws the demo's videos: people who walk across a square, and at times something else, seen by a fixed camera.
import { seededRandom } from '../../samples/seededRandom';

export type Colour = readonly [red: number, green: number, blue: number];
/** What is out of the ordinary, each to be told in a single frame. */
export type DemoThing = 'Cart' | 'Cyclist' | 'Lying';

/** A person on the way from one side to the other and back again. */
interface Walker {
  readonly lane: number;
  readonly start: number;
  /** Widths of the picture in a second; to the left below 0. */
  readonly speed: number;
  readonly shirt: Colour;
  readonly trousers: Colour;
  readonly phase: number;
}

export interface DemoScene {
  /** Added to what the camera sees of ground and wall. */
  readonly light: number;
  readonly walkers: readonly Walker[];
  readonly seed: number;
}

export interface ThingPlace {
  readonly thing: DemoThing;
  readonly lane: number;
  readonly leftwards: boolean;
  readonly colour: Colour;
  readonly second: Colour;
  /** Frames from its first to before its last. */
  readonly start: number;
  readonly end: number;
}

/** Where the ground begins, as a share of the height. */
const HORIZON = 0.22;
const SKIN: Colour = [203, 160, 132];

/** The square that the camera looks at: the same in all videos, so that nothing but what happens tells them apart. */
const GROUND: Colour = [136, 133, 124];
const WALL: Colour = [112, 120, 138];
const STONES = 9;

/** Other people for each seed, in light that differs a little. */
export function makeScene(seed: number): DemoScene {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  return {
    light: between(-10, 10),
    walkers: Array.from({ length: Math.round(between(2, 4.4)) }, () => ({
      lane: between(0.45, 0.95),
      start: between(0, 1.2),
      speed: between(0.07, 0.18) * (random() < 0.5 ? -1 : 1),
      shirt: clothColour(random),
      trousers: clothColour(random),
      phase: between(0, 6),
    })),
    seed,
  };
}

/** Greys, browns and blues: what most people wear. */
export function clothColour(random: () => number): Colour {
  const light = 30 + 120 * random();
  const warm = 40 * (random() - 0.5);
  return [light + warm, light, light - warm];
}

/** How tall somebody is who stands there, as a share of the height: further up is further away. */
function tallAt(lane: number): number {
  return 0.17 + 0.19 * lane;
}

/** Middle of the thing at a frame, as a share of the width. */
function middleOf({ thing, leftwards, start, end }: ThingPlace, frame: number): number {
  const share = thing === 'Lying' ? 0.5 : (frame - start) / Math.max(1, end - 1 - start);
  const across = 0.08 + 0.84 * share;
  return leftwards ? 1 - across : across;
}

/** Width and height of a thing, as shares of the picture. */
function sizeOf({ thing, lane }: ThingPlace): readonly [wide: number, tall: number] {
  const tall = tallAt(lane);
  if (thing === 'Cart') return [1.5 * tall, 1.05 * tall];
  return thing === 'Cyclist' ? [1.1 * tall, 1.15 * tall] : [1.25 * tall, 0.56 * tall];
}

/** The thing's box at a frame in shares of the picture, x1, y1, x2, y2. */
export function thingBox(place: ThingPlace, frame: number): readonly [number, number, number, number] {
  const [wide, tall] = sizeOf(place);
  const x = middleOf(place, frame);
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return [within(x - wide / 2), within(place.lane - tall), within(x + wide / 2), within(place.lane)];
}

/** Writes red, green, blue and 255 of a frame into `pixels` [side, side, 4]. Equal calls draw equal frames. */
export function drawSquare(
  scene: DemoScene,
  place: ThingPlace | null,
  { frame, seconds, side }: { readonly frame: number; readonly seconds: number; readonly side: number },
  pixels: Uint8ClampedArray,
): void {
  const canvas = new Canvas(side);
  canvas.ground(scene);
  const there = place !== null && frame >= place.start && frame < place.end;
  const things = scene.walkers.map((walker) => ({
    lane: walker.lane,
    draw: () => drawWalker(canvas, walker, seconds),
  }));
  if (there) things.push({ lane: place.lane, draw: () => drawThing(canvas, place, frame, seconds) });
  // Who is nearer hides who is further away.
  for (const { draw } of things.sort((a, b) => a.lane - b.lane)) draw();
  canvas.develop(scene.seed + 31 * frame, pixels);
}

function drawWalker(canvas: Canvas, { lane, start, speed, shirt, trousers, phase }: Walker, seconds: number): void {
  const tall = tallAt(lane);
  const way = start + speed * seconds;
  // A little beyond either side, so that nobody appears in the picture.
  const x = ((((way + 0.1) % 1.2) + 1.2) % 1.2) - 0.1;
  const step = Math.sin(phase + seconds * 7) * 0.12 * tall;
  const hip = lane - 0.46 * tall;
  canvas.line(x, hip, x + step, lane, 0.09 * tall, trousers);
  canvas.line(x, hip, x - step, lane, 0.09 * tall, trousers);
  canvas.ellipse(x, lane - 0.64 * tall, 0.15 * tall, 0.23 * tall, shirt);
  canvas.ellipse(x, lane - 0.93 * tall, 0.085 * tall, 0.1 * tall, SKIN);
}

function drawThing(canvas: Canvas, place: ThingPlace, frame: number, seconds: number): void {
  const { thing, lane, colour, second, leftwards } = place;
  const x = middleOf(place, frame);
  const tall = tallAt(lane);
  const ahead = leftwards ? -1 : 1;
  const dark: Colour = [28, 28, 32];
  if (thing === 'Lying') {
    // On the back, arms and legs apart, as a camera on a mast sees it.
    const limb = (x1: number, y1: number, x2: number, y2: number, of: Colour): void =>
      canvas.line(x + x1 * tall, lane + y1 * tall, x + x2 * tall, lane + y2 * tall, 0.11 * tall, of);
    limb(0.1, -0.3, 0.55, -0.44, second);
    limb(0.1, -0.22, 0.57, -0.08, second);
    limb(-0.28, -0.32, -0.16, -0.5, colour);
    limb(-0.28, -0.2, -0.16, -0.06, colour);
    canvas.ellipse(x - 0.12 * tall, lane - 0.26 * tall, 0.29 * tall, 0.15 * tall, colour);
    canvas.ellipse(x - 0.5 * tall, lane - 0.27 * tall, 0.11 * tall, 0.11 * tall, SKIN);
    return;
  }
  const wheel = (at: number, radius: number): void => {
    canvas.ellipse(at, lane - radius, radius, radius, dark);
    canvas.ellipse(at, lane - radius, 0.62 * radius, 0.62 * radius, thing === 'Cart' ? second : [150, 150, 150]);
  };
  if (thing === 'Cart') {
    canvas.box(x - 0.68 * tall, lane - 0.62 * tall, x + 0.68 * tall, lane - 0.18 * tall, colour);
    for (let k = 0; k < 5; k++) {
      const left = x - 0.75 * tall + k * 0.3 * tall;
      canvas.box(
        left,
        lane - 1.05 * tall,
        left + 0.3 * tall,
        lane - 0.86 * tall,
        k % 2 === 0 ? second : [235, 232, 224],
      );
    }
    canvas.line(x - 0.62 * tall, lane - 0.9 * tall, x - 0.62 * tall, lane - 0.5 * tall, 0.05 * tall, dark);
    canvas.line(x + 0.62 * tall, lane - 0.9 * tall, x + 0.62 * tall, lane - 0.5 * tall, 0.05 * tall, dark);
    wheel(x - 0.4 * tall, 0.19 * tall);
    wheel(x + 0.4 * tall, 0.19 * tall);
    return;
  }
  wheel(x - 0.34 * tall, 0.2 * tall);
  wheel(x + 0.34 * tall, 0.2 * tall);
  const pedal = 0.06 * tall * Math.sin(seconds * 9);
  canvas.line(x - 0.3 * tall, lane - 0.2 * tall, x, lane - 0.5 * tall, 0.05 * tall, colour);
  canvas.line(x, lane - 0.5 * tall, x + ahead * 0.3 * tall, lane - 0.5 * tall, 0.05 * tall, colour);
  canvas.line(
    x + ahead * 0.3 * tall,
    lane - 0.5 * tall,
    x + ahead * 0.34 * tall,
    lane - 0.2 * tall,
    0.05 * tall,
    colour,
  );
  canvas.line(x - ahead * 0.08 * tall, lane - 0.58 * tall, x + pedal, lane - 0.18 * tall, 0.09 * tall, second);
  canvas.line(
    x - ahead * 0.08 * tall,
    lane - 0.6 * tall,
    x + ahead * 0.2 * tall,
    lane - 0.92 * tall,
    0.17 * tall,
    colour,
  );
  canvas.ellipse(x + ahead * 0.26 * tall, lane - 1.04 * tall, 0.085 * tall, 0.1 * tall, SKIN);
}

/** A square picture in colours of 0..255, drawn in shares of its side. */
class Canvas {
  readonly #side: number;
  readonly #colours: Float32Array;

  constructor(side: number) {
    this.#side = side;
    this.#colours = new Float32Array(side * side * 3);
  }

  ground({ light: weather }: DemoScene): void {
    const side = this.#side;
    for (let row = 0, at = 0; row < side; row++)
      for (let column = 0; column < side; column++, at += 3) {
        const [x, y] = [(column + 0.5) / side, (row + 0.5) / side];
        const depth = y - HORIZON;
        const joint =
          depth > 0 &&
          (Math.abs(((x - 0.5) / (0.35 + depth) + 8) * STONES) % 1 < 0.1 || (8 / (depth + 0.25)) % 1 < 0.1);
        const from = depth > 0 ? GROUND : WALL;
        const light = depth > 0 ? (joint ? -16 : 0) + 18 * depth : (Math.floor(x * 7) % 2) * 14;
        for (let k = 0; k < 3; k++) this.#colours[at + k] = from[k]! + light + weather;
      }
  }

  ellipse(x: number, y: number, wide: number, high: number, colour: Colour): void {
    this.#fill([x - wide, y - high, x + wide, y + high], colour, (u, v) => {
      const square = ((u - x) / wide) ** 2 + ((v - y) / high) ** 2;
      return (1 - square) * 0.5 * Math.min(wide, high);
    });
  }

  box(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    this.#fill([left, top, right, bottom], colour, (u, v) => Math.min(u - left, right - u, v - top, bottom - v));
  }

  line(x0: number, y0: number, x1: number, y1: number, width: number, colour: Colour): void {
    const half = width / 2;
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2 || 1;
    const bounds = [Math.min(x0, x1) - half, Math.min(y0, y1) - half, Math.max(x0, x1) + half, Math.max(y0, y1) + half];
    this.#fill(bounds as [number, number, number, number], colour, (u, v) => {
      const share = Math.min(1, Math.max(0, ((u - x0) * (x1 - x0) + (v - y0) * (y1 - y0)) / length));
      return half - Math.hypot(u - x0 - share * (x1 - x0), v - y0 - share * (y1 - y0));
    });
  }

  /** `inside` gives how far a point lies within the edge, as a share of the side; edges are one pixel wide. */
  #fill(
    [left, top, right, bottom]: readonly [number, number, number, number],
    colour: Colour,
    inside: (x: number, y: number) => number,
  ): void {
    const side = this.#side;
    const last = side - 1;
    const clip = (value: number): number => Math.min(last, Math.max(0, Math.floor(value * side)));
    for (let row = clip(top); row <= clip(bottom); row++)
      for (let column = clip(left); column <= clip(right); column++) {
        const share = Math.min(1, Math.max(0, 0.5 + side * inside((column + 0.5) / side, (row + 0.5) / side)));
        if (share === 0) continue;
        const at = (row * side + column) * 3;
        for (let k = 0; k < 3; k++) this.#colours[at + k]! += share * (colour[k]! - this.#colours[at + k]!);
      }
  }

  /** Adds the camera's noise and writes bytes. */
  develop(seed: number, pixels: Uint8ClampedArray): void {
    const random = seededRandom(seed);
    for (let i = 0; i < this.#side ** 2; i++) {
      const noise = 6 * (random() + random() - 1);
      for (let k = 0; k < 3; k++) pixels[4 * i + k] = this.#colours[3 * i + k]! + noise;
      pixels[4 * i + 3] = 255;
    }
  }
}
