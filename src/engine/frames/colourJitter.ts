// torchvision's ColorJitter: brightness, contrast, saturation and hue in a drawn order, as WGSL.
// https://github.com/pytorch/vision/blob/v0.14.0/torchvision/transforms/functional_tensor.py

export type JitterOp = 'brightness' | 'contrast' | 'saturation' | 'hue';

/** One draw: operations in order, each with its factor; a hue's factor is a shift in turns. */
export type ColourJitter = readonly { readonly op: JitterOp; readonly factor: number }[];

export interface JitterRanges {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

const ops: readonly JitterOp[] = ['brightness', 'contrast', 'saturation', 'hue'];

/** Draws factors around 1 (hue: around 0) within the ranges, and an order. `random` gives numbers in [0, 1). */
export function drawJitter(ranges: JitterRanges, random: () => number): ColourJitter {
  const order = [...ops];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order
    .filter((op) => ranges[op] > 0)
    .map((op) => {
      const around = (random() * 2 - 1) * ranges[op];
      return { op, factor: op === 'hue' ? around : Math.max(0, 1 + around) };
    });
}

/** The draw as the kernels read it: four codes (4: nothing) and four factors. */
export function encodeJitter(jitter: ColourJitter): { codes: number[]; factors: number[] } {
  return {
    codes: ops.map((_, i) => (jitter[i] ? ops.indexOf(jitter[i].op) : ops.length)),
    factors: ops.map((_, i) => jitter[i]?.factor ?? 0),
  };
}

/** `jitter(rgb, codes, factors, mean, steps)`: the first `steps` operations; `mean` is the frame's grey before contrast. */
export const jitterWgsl = /* wgsl */ `
const greyWeights = vec3f(0.2989, 0.587, 0.114);

fn blend(a: vec3f, b: vec3f, factor: f32) -> vec3f {
  return clamp(factor * a + (1.0 - factor) * b, vec3f(0.0), vec3f(1.0));
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
  switch (u32(sector) % 6u) {
    case 0u: { return vec3f(value, t, p); }
    case 1u: { return vec3f(q, value, p); }
    case 2u: { return vec3f(p, value, t); }
    case 3u: { return vec3f(p, q, value); }
    case 4u: { return vec3f(t, p, value); }
    default: { return vec3f(value, p, q); }
  }
}

fn jitter(rgb: vec3f, codes: vec4u, factors: vec4f, mean: f32, steps: u32) -> vec3f {
  var result = rgb;
  for (var i = 0u; i < steps; i++) {
    let factor = factors[i];
    switch (codes[i]) {
      case 0u: { result = blend(result, vec3f(0.0), factor); }
      case 1u: { result = blend(result, vec3f(mean), factor); }
      case 2u: { result = blend(result, vec3f(dot(result, greyWeights)), factor); }
      case 3u: { result = shiftHue(result, factor); }
      default: {}
    }
  }
  return result;
}
`;
