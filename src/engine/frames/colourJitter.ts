// Colour jitter as WGSL: brightness, contrast, saturation and hue in a drawn order, as torchvision and as mmaction do it.
// https://github.com/pytorch/vision/blob/v0.14.0/torchvision/transforms/functional_tensor.py
// https://github.com/open-mmlab/mmaction2/blob/v1.2.0/mmaction/datasets/transforms/processing.py

export type JitterOp = 'brightness' | 'contrast' | 'saturation' | 'hue';

export interface JitterStep {
  readonly op: JitterOp;
  /** Of a hue: the shift in turns, or for mmaction in OpenCV's steps of two degrees, a whole number. */
  readonly factor: number;
  /**
   * torchvision's (the default) goes from 0 to 1 and clamps after each step. mmaction's takes bytes and gives bytes,
   * cut off rather than rounded; it clamps only there and before hue, which OpenCV shifts in bytes.
   */
  readonly arithmetic?: 'torchvision' | 'mmaction';
}

/** One draw: operations in order, all in the same arithmetic. */
export type ColourJitter = readonly JitterStep[];

export interface JitterRanges {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

const ops: readonly JitterOp[] = ['brightness', 'contrast', 'saturation', 'hue'];
/** The code of nothing; those of mmaction's operations follow. */
const nothing = ops.length;

/** All four operations in an order drawn with `random`, which gives numbers in [0, 1). */
export function drawOrder(random: () => number): JitterOp[] {
  const order = [...ops];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** torchvision's: an order, and factors around 1 (hue: around 0) within the ranges. `random` gives numbers in [0, 1). */
export function drawJitter(ranges: JitterRanges, random: () => number): ColourJitter {
  return drawOrder(random)
    .filter((op) => ranges[op] > 0)
    .map((op) => ({ op, factor: drawFactor(op, ranges[op], random) }));
}

/** mmaction's: the order is drawn once for a run (`drawOrder`), the factors for each clip. */
export function drawMmactionJitter(
  ranges: JitterRanges,
  order: readonly JitterOp[],
  random: () => number,
): ColourJitter {
  return order
    .filter((op) => ranges[op] > 0)
    .map((op) => {
      const factor = drawFactor(op, ranges[op], random);
      return { op, factor: op === 'hue' ? Math.trunc(factor * 255) : factor, arithmetic: 'mmaction' };
    });
}

function drawFactor(op: JitterOp, range: number, random: () => number): number {
  const around = (random() * 2 - 1) * range;
  return op === 'hue' ? around : Math.max(0, 1 + around);
}

/** The draw as the kernels read it: four codes and four factors. */
export function encodeJitter(jitter: ColourJitter): { codes: number[]; factors: number[] } {
  const codeOf = ({ op, arithmetic }: JitterStep) => ops.indexOf(op) + (arithmetic === 'mmaction' ? nothing + 1 : 0);
  return {
    codes: ops.map((_, i) => (jitter[i] ? codeOf(jitter[i]) : nothing)),
    factors: ops.map((_, i) => jitter[i]?.factor ?? 0),
  };
}

/**
 * `jitter(rgb, codes, factors, mean, steps)`: the first `steps` operations; `mean` is the frame's grey before contrast.
 * `finished(rgb, codes)`: what remains to be done after all of them.
 */
export const jitterWgsl = /* wgsl */ `
const greyWeights = vec3f(0.2989, 0.587, 0.114);

fn blend(a: vec3f, b: vec3f, factor: f32) -> vec3f {
  return clamp(factor * a + (1.0 - factor) * b, vec3f(0.0), vec3f(1.0));
}

fn sectorColour(sector: u32, v: f32, p: f32, q: f32, t: f32) -> vec3f {
  switch (sector) {
    case 0u: { return vec3f(v, t, p); }
    case 1u: { return vec3f(q, v, p); }
    case 2u: { return vec3f(p, v, t); }
    case 3u: { return vec3f(p, q, v); }
    case 4u: { return vec3f(t, p, v); }
    default: { return vec3f(v, p, q); }
  }
}

fn shiftHue(rgb: vec3f, shift: f32) -> vec3f {
  let value = max(rgb.r, max(rgb.g, rgb.b));
  let chroma = value - min(rgb.r, min(rgb.g, rgb.b));
  if (chroma == 0.0) { return rgb; }
  let saturation = chroma / value;
  let below = (vec3f(value) - rgb) / chroma;
  var hue = 4.0 + below.g - below.r;
  if (value == rgb.r) { hue = below.b - below.g; } else if (value == rgb.g) { hue = 2.0 + below.r - below.b; }
  let turns = fract(hue / 6.0 + 1.0 + shift);
  let sector = floor(turns * 6.0);
  let f = turns * 6.0 - sector;
  let p = saturate(value * (1.0 - saturation));
  let q = saturate(value * (1.0 - saturation * f));
  let t = saturate(value * (1.0 - saturation * (1.0 - f)));
  return sectorColour(u32(sector) % 6u, value, p, q, t);
}

/** OpenCV's RGB to HSV in bytes, hue in 0..179 and divisions by tables of 12 binary places, and back, cut off. */
fn shiftHueOfBytes(rgb: vec3f, steps: i32) -> vec3f {
  let c = vec3i(cutOff(rgb));
  let value = max(c.r, max(c.g, c.b));
  let chroma = value - min(c.r, min(c.g, c.b));
  if (chroma == 0) { return vec3f(f32(value) / 255.0); }
  let saturation = (chroma * i32(round(1044480.0 / f32(value))) + 2048) >> 12u;
  var sixths = c.r - c.g + 4 * chroma;
  if (value == c.r) { sixths = c.g - c.b; } else if (value == c.g) { sixths = c.b - c.r + 2 * chroma; }
  let hue = (sixths * i32(round(122880.0 / f32(chroma))) + 2048) >> 12u;
  let turned = (hue + steps + 360) % 180;
  let sector = turned / 30;
  let f = f32(turned % 30) / 30.0;
  let v = f32(value) / 255.0;
  let s = f32(saturation) / 255.0;
  let p = v * (1.0 - s);
  let q = v * (1.0 - s * f);
  let t = v * (1.0 - s * (1.0 - f));
  return cutOff(sectorColour(u32(sector), v, p, q, t)) / 255.0;
}

/** Bytes as casting makes them; exact ones stay what they are in spite of rounding. */
fn cutOff(rgb: vec3f) -> vec3f {
  return floor(clamp(rgb * 255.0, vec3f(0.0), vec3f(255.0)) + 1e-3);
}

fn jitter(rgb: vec3f, codes: vec4u, factors: vec4f, mean: f32, steps: u32) -> vec3f {
  var result = rgb;
  if (codes.x > 4u) { result = round(result * 255.0) / 255.0; }
  for (var i = 0u; i < steps; i++) {
    let factor = factors[i];
    switch (codes[i]) {
      case 0u: { result = blend(result, vec3f(0.0), factor); }
      case 1u: { result = blend(result, vec3f(mean), factor); }
      case 2u: { result = blend(result, vec3f(dot(result, greyWeights)), factor); }
      case 3u: { result = shiftHue(result, factor); }
      case 5u: { result *= factor; }
      case 6u: { result = factor * result + (1.0 - factor) * mean; }
      case 7u: { result = factor * result + (1.0 - factor) * dot(result, greyWeights); }
      case 8u: { result = shiftHueOfBytes(result, i32(factor)); }
      default: {}
    }
  }
  return result;
}

fn finished(rgb: vec3f, codes: vec4u) -> vec3f {
  if (codes.x > 4u) { return cutOff(rgb) / 255.0; }
  return rgb;
}
`;
