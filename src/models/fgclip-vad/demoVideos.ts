// Which videos the demo has: squares with people alone, and squares where something passes or lies for a while.
import { seededRandom } from '../../samples/seededRandom';
import { clothColour, makeScene, type Colour, type DemoScene, type DemoThing, type ThingPlace } from './demoScene';

export interface DemoVideo {
  /** As UCF-Crime names them: the class, a number, the camera's suffix. */
  readonly name: string;
  readonly split: 'train' | 'val';
  readonly scene: DemoScene;
  readonly place: ThingPlace | null;
  readonly side: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

export interface DemoOptions {
  readonly seed: number;
  /** Normal videos, and videos of each thing. */
  readonly train: { readonly normal: number; readonly each: number };
  readonly val: { readonly normal: number; readonly each: number };
  readonly side: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
}

export const demoDefaults: DemoOptions = {
  seed: 1,
  train: { normal: 20, each: 14 },
  val: { normal: 4, each: 3 },
  side: 96,
  seconds: 6,
  framesPerSecond: 8,
};

export const demoThings: readonly DemoThing[] = ['Cart', 'Cyclist', 'Lying'];

/** All videos of the demo; the same people are in no two of them. `drawSquare` draws them. */
export function demoVideos(options: Partial<DemoOptions> = {}): DemoVideo[] {
  const { seed, train, val, side, seconds, framesPerSecond } = { ...demoDefaults, ...options };
  const frames = Math.round(seconds * framesPerSecond);
  const videos: DemoVideo[] = [];
  for (const [split, { normal, each }] of [['train', train] as const, ['val', val] as const]) {
    const add = (thing: DemoThing | null, number: number): void => {
      const own = 7919 * (videos.length + 1) + seed;
      const name = `${thing ?? 'Normal_Videos'}${String(number + (split === 'val' ? 500 : 1)).padStart(3, '0')}`;
      const place = thing && makePlace(thing, frames, own + 1);
      videos.push({ name, split, scene: makeScene(own), place, side, frames, framesPerSecond });
    };
    for (let k = 0; k < normal; k++) add(null, k);
    for (const thing of demoThings) for (let k = 0; k < each; k++) add(thing, k);
  }
  return videos;
}

function makePlace(thing: DemoThing, frames: number, seed: number): ThingPlace {
  const random = seededRandom(seed);
  const length = Math.round(frames * (0.3 + 0.2 * random()));
  const start = Math.floor(random() * (frames - length));
  const lane = 0.55 + 0.37 * random();
  const [colour, second] = coloursOf(thing, random);
  return { thing, lane, leftwards: random() < 0.5, colour, second, start, end: start + length };
}

/** Carts have red stripes, cyclists something yellow on, and whoever lies there a red coat: walkers wear dull clothes. */
function coloursOf(thing: DemoThing, random: () => number): readonly [Colour, Colour] {
  const vary = (value: number): number => value + 30 * (random() - 0.5);
  if (thing === 'Cart')
    return [
      [vary(170), vary(120), vary(70)],
      [vary(200), vary(50), vary(45)],
    ];
  return [
    thing === 'Cyclist' ? [vary(225), vary(190), vary(40)] : [vary(205), vary(45), vary(60)],
    clothColour(random),
  ];
}
