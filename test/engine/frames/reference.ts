// A plain float64 account of what becomes of a frame: upright, cropped, resized, flipped, jittered, normalised.
import type { ColourJitter } from '../../../src/engine/frames/colourJitter';
import type { CodedFrame, Placement } from '../../../src/engine/frames/placement';

/** Red, green and blue of 0..1 by position. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => readonly [number, number, number];
}

export function pictureOf(width: number, height: number, at: Picture['at']): Picture {
  const values = new Map<number, readonly [number, number, number]>();
  return {
    width,
    height,
    at: (x, y) => {
      const key = y * width + x;
      let value = values.get(key);
      if (!value) values.set(key, (value = at(x, y)));
      return value;
    },
  };
}

/** Turned clockwise, then mirrored. */
export function upright(coded: Picture, { rotation, mirrored }: CodedFrame): Picture {
  const { width: w, height: h } = coded;
  const turned = {
    0: pictureOf(w, h, (x, y) => coded.at(x, y)),
    90: pictureOf(h, w, (x, y) => coded.at(y, h - 1 - x)),
    180: pictureOf(w, h, (x, y) => coded.at(w - 1 - x, h - 1 - y)),
    270: pictureOf(h, w, (x, y) => coded.at(w - 1 - y, x)),
  }[rotation];
  return mirrored ? pictureOf(turned.width, turned.height, (x, y) => turned.at(turned.width - 1 - x, y)) : turned;
}

/** Weight of source pixel j for output pixel i of a resize from [from, from + length) to `resized` pixels. */
function weights(i: number, from: number, length: number, resized: number, antialias: boolean): Map<number, number> {
  const scale = length / resized;
  const found = new Map<number, number>();
  if (!antialias) {
    const position = Math.max((i + 0.5) * scale - 0.5, 0);
    const low = Math.min(Math.floor(position), length - 1);
    const high = Math.min(low + 1, length - 1);
    found.set(from + low, 1 - (position - low));
    found.set(from + high, (found.get(from + high) ?? 0) + position - low);
    return found;
  }
  const support = Math.max(scale, 1);
  const centre = (i + 0.5) * scale;
  let sum = 0;
  for (let j = 0; j < length; j++) {
    const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / support);
    if (weight > 0) found.set(from + j, weight);
    sum += weight;
  }
  for (const [j, weight] of found) found.set(j, weight / sum);
  return found;
}

/** Clockwise, quarter by quarter. */
function turned(picture: Picture, turn: number): Picture {
  if (turn === 0) return picture;
  const { width, height } = picture;
  return turned(
    pictureOf(height, width, (x, y) => picture.at(y, height - 1 - x)),
    turn - 90,
  );
}

export function placed(picture: Picture, { crop, resized, window, antialias, flip, turn = 0 }: Placement): Picture {
  const upright = pictureOf(window.width, window.height, (x, y) => {
    const column = window.x + (flip ? window.width - 1 - x : x);
    const across = weights(column, crop.x, crop.width, resized.width, antialias);
    const down = weights(window.y + y, crop.y, crop.height, resized.height, antialias);
    const sum: [number, number, number] = [0, 0, 0];
    for (const [v, a] of down)
      for (const [u, b] of across) picture.at(u, v).forEach((value, c) => (sum[c]! += a * b * value));
    return sum;
  });
  return turned(upright, turn);
}

const grey = ([r, g, b]: readonly number[]) => 0.2989 * r! + 0.587 * g! + 0.114 * b!;
const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** torchvision's operations one after the other; spec of MNTSM, section 10. */
export function jittered(picture: Picture, jitter: ColourJitter): Picture {
  return jitter.reduce((before, { op, factor }) => {
    const blend = (a: readonly number[], b: (c: number) => number) =>
      a.map((value, c) => clamp(factor * value + (1 - factor) * b(c))) as unknown as [number, number, number];
    let mean = 0;
    for (let y = 0; y < before.height; y++)
      for (let x = 0; x < before.width; x++) mean += grey(before.at(x, y)) / (before.width * before.height);
    return pictureOf(before.width, before.height, (x, y) => {
      const rgb = before.at(x, y);
      if (op === 'brightness') return blend(rgb, () => 0);
      if (op === 'contrast') return blend(rgb, () => mean);
      if (op === 'saturation') return blend(rgb, () => grey(rgb));
      return shifted(rgb, factor);
    });
  }, picture);
}

function shifted([r, g, b]: readonly [number, number, number], shift: number): [number, number, number] {
  const value = Math.max(r, g, b);
  const chroma = value - Math.min(r, g, b);
  if (chroma === 0) return [r, g, b];
  const saturation = chroma / value;
  const [rc, gc, bc] = [r, g, b].map((one) => (value - one) / chroma) as [number, number, number];
  const sixth = value === r ? bc - gc : value === g ? 2 + rc - bc : 4 + gc - rc;
  const hue = (((sixth / 6 + shift) % 1) + 1) % 1;
  const sector = Math.floor(hue * 6);
  const f = hue * 6 - sector;
  const p = clamp(value * (1 - saturation));
  const q = clamp(value * (1 - saturation * f));
  const t = clamp(value * (1 - saturation * (1 - f)));
  const ways: [number, number, number][] = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ];
  return ways[sector % 6]!;
}
