// What the demo's people wear and where they are filmed: colours of a person, ground and backdrop of a video.
import type { Clothes, Colour } from '../../figure/paintBody';
import { seededRandom } from '../../samples/seededRandom';
import { noiseTexture, type Texture } from '../../video/noiseTexture';

export interface Setting {
  readonly ground: Colour;
  readonly backdrop: Colour;
  readonly groundTexture: Texture;
  readonly backdropTexture: Texture;
  /** How much the textures darken and lighten, in grey levels. */
  readonly strength: number;
  /** Standard deviation of what the camera adds, in grey levels. */
  readonly noise: number;
}

const paleSkin: Colour = [236, 196, 170];
const darkSkin: Colour = [98, 64, 48];
const TEXTURE_SIDE = 64;

/** What a person looks like in all their videos. */
export function makeClothes(seed: number): Clothes {
  const random = seededRandom(seed + 2);
  const skin = mix(paleSkin, darkSkin, random());
  const shade = 15 + 90 * random();
  return {
    ...{ skin, hair: [shade, 0.8 * shade, 0.65 * shade] },
    ...{ shirt: vivid(random), trousers: vivid(random), shoes: mix([30, 30, 30], [235, 235, 235], random()) },
  };
}

/**
 * Dim and greyish, so that people stand out: neither ground nor backdrop is near to what the person wears. A network
 * that starts from random weights learns what lighter shapes do long before it learns what any colours do.
 */
export function makeSetting(seed: number, { shirt, trousers }: Clothes): Setting {
  const random = seededRandom(seed + 3);
  const plain = (): Colour => {
    for (let tries = 0; ; tries++) {
      const grey = 20 + 50 * random();
      const colour: Colour = [grey + 30 * (random() - 0.5), grey + 30 * (random() - 0.5), grey + 30 * (random() - 0.5)];
      const away = Math.min(distance(colour, shirt), distance(colour, trousers));
      if (away > 70 || tries > 20) return colour;
    }
  };
  return {
    ...{ ground: plain(), backdrop: plain() },
    groundTexture: noiseTexture(random, TEXTURE_SIDE, { 2: 0.4, 8: 1, 16: random() }),
    backdropTexture: noiseTexture(random, TEXTURE_SIDE, { 4: random(), 8: 1, 32: random() }),
    ...{ strength: 4 + 6 * random(), noise: 1.5 + 2 * random() },
  };
}

function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])];
}

/** Any hue, lighter than all settings. */
function vivid(random: () => number): Colour {
  const [hue, least, most] = [6 * random(), 80 + 80 * random(), 200 + 50 * random()];
  const channel = (shift: number): number => {
    const turn = (hue + shift) % 6;
    return least + (most - least) * Math.min(1, Math.max(0, Math.abs(turn - 3) - 1));
  };
  return [channel(0), channel(4), channel(2)];
}

function distance(a: Colour, b: Colour): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
