// RandAugment's kernels: what a frame's statistics make of each level, and one operation on all pixels (imgaug, Pillow).
import { codeOf } from './randAugment';

/** encodeStep in randAugment.ts writes it in this order; levels are whole numbers of 0..255 throughout. */
const stepWgsl = /* wgsl */ `
struct Step {
  across: u32, down: u32, op: u32, amount: f32,
  sourceX: vec4f,
  sourceY: vec4f,
  cut: vec4u,
}
@group(0) @binding(0) var<uniform> s: Step;
@group(0) @binding(1) var<storage, read> picture: array<vec4f>;

fn levels(at: u32) -> vec3f {
  return round(saturate(picture[at].rgb) * 255.0);
}

/** Pillow's luma, in whole numbers. */
fn luma(rgb: vec3f) -> u32 {
  let c = vec3u(rgb);
  return (c.r * 19595u + c.g * 38470u + c.b * 7471u + 0x8000u) >> 16u;
}

/** Away from \`start\` by a factor, cut off as Pillow does; exact levels stay what they are in spite of rounding. */
fn enhanced(start: vec3f, rgb: vec3f) -> vec3f {
  return floor(clamp(start + s.amount * (rgb - start), vec3f(0.0), vec3f(255.0)) + 1e-3);
}
`;

/** Levels of a frame's table: three channels one after the other. */
export const TABLE_LEVELS = 768;

/** One workgroup a frame: a histogram of each channel, and from it what every level becomes. */
export const tableKernel = /* wgsl */ `${stepWgsl}
@group(0) @binding(2) var<storage, read_write> tables: array<f32>;
var<workgroup> counts: array<atomic<u32>, ${TABLE_LEVELS}>;
var<workgroup> lumas: atomic<u32>;

@compute @workgroup_size(256)
fn frames_levels(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) level: u32) {
  let pixels = s.across * s.down;
  for (var i = level; i < pixels; i += 256u) {
    let rgb = levels(group.x * pixels + i);
    for (var c = 0u; c < 3u; c++) { atomicAdd(&counts[c * 256u + u32(rgb[c])], 1u); }
    atomicAdd(&lumas, luma(rgb));
  }
  workgroupBarrier();
  let mean = floor(f32(atomicLoad(&lumas)) / f32(pixels) + 0.5);
  for (var c = 0u; c < 3u; c++) {
    var lowest = 255u;
    var highest = 0u;
    var before = 0u;
    for (var i = 0u; i < 256u; i++) {
      let count = atomicLoad(&counts[c * 256u + i]);
      if (count == 0u) { continue; }
      lowest = min(lowest, i);
      highest = i;
      if (i < level) { before += count; }
    }
    let value = f32(level);
    var result = value;
    if (s.op == ${codeOf('contrast')}u) {
      result = enhanced(vec3f(mean), vec3f(value)).x;
    } else if (s.op == ${codeOf('autocontrast')}u) {
      let range = f32(highest) - f32(lowest);
      if (range > 0.0) { result = floor(clamp((value - f32(lowest)) * 255.0 / range, 0.0, 255.0) + 1e-3); }
    } else {
      let each = (pixels - atomicLoad(&counts[c * 256u + highest])) / 255u;
      if (each > 0u) { result = f32(min((each / 2u + before) / each, 255u)); }
    }
    tables[group.x * ${TABLE_LEVELS}u + c * 256u + level] = result;
  }
}
`;

/** One operation on every pixel; what lies outside the picture is black. */
export const augmentKernel = /* wgsl */ `${stepWgsl}
@group(0) @binding(2) var<storage, read> tables: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;

fn pixel(frame: u32, x: i32, y: i32) -> vec3f {
  if (x < 0 || y < 0 || x >= i32(s.across) || y >= i32(s.down)) { return vec3f(0.0); }
  return levels((frame * s.down + u32(y)) * s.across + u32(x));
}

fn moved(frame: u32, at: vec2f) -> vec3f {
  let place = vec2f(dot(s.sourceX.xyz, vec3f(at, 1.0)), dot(s.sourceY.xyz, vec3f(at, 1.0)));
  let low = floor(place);
  let share = place - low;
  let x = i32(low.x);
  let y = i32(low.y);
  let above = mix(pixel(frame, x, y), pixel(frame, x + 1, y), share.x);
  let below = mix(pixel(frame, x, y + 1), pixel(frame, x + 1, y + 1), share.x);
  return round(mix(above, below, share.y));
}

/** Pillow's SMOOTH, which leaves the outermost pixels as they are. */
fn smoothed(frame: u32, x: i32, y: i32) -> vec3f {
  let centre = pixel(frame, x, y);
  if (x == 0 || y == 0 || x == i32(s.across) - 1 || y == i32(s.down) - 1) { return centre; }
  var sum = 4.0 * centre;
  for (var j = -1; j <= 1; j++) { for (var i = -1; i <= 1; i++) { sum += pixel(frame, x + i, y + j); } }
  return floor(sum / 13.0 + 0.5 + 1e-4);
}

@compute @workgroup_size(8, 8)
fn frames_augment(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= s.across || id.y >= s.down) { return; }
  let at = (id.z * s.down + id.y) * s.across + id.x;
  let rgb = levels(at);
  var changed = rgb;
  switch (s.op) {
    case ${['shearX', 'shearY', 'translateX', 'translateY', 'rotate'].map((op) => `${codeOf(op as 'rotate')}u`).join(', ')}: {
      changed = moved(id.z, vec2f(id.xy));
    }
    case ${codeOf('posterize')}u: { changed = vec3f(vec3u(rgb) & vec3u(0x100u - (0x100u >> u32(s.amount)))); }
    case ${codeOf('solarize')}u: { changed = select(rgb, 255.0 - rgb, rgb >= vec3f(s.amount)); }
    case ${codeOf('colour')}u: { changed = enhanced(vec3f(f32(luma(rgb))), rgb); }
    case ${codeOf('brightness')}u: { changed = enhanced(vec3f(0.0), rgb); }
    case ${codeOf('sharpness')}u: { changed = enhanced(smoothed(id.z, i32(id.x), i32(id.y)), rgb); }
    case ${codeOf('invert')}u: { changed = 255.0 - rgb; }
    case ${codeOf('cutout')}u: {
      let inside = all(id.xy >= s.cut.xy) && all(id.xy < s.cut.zw);
      changed = select(rgb, vec3f(128.0), inside);
    }
    default: {
      let table = id.z * ${TABLE_LEVELS}u;
      let c = vec3u(rgb);
      changed = vec3f(tables[table + c.r], tables[table + 256u + c.g], tables[table + 512u + c.b]);
    }
  }
  result[at] = vec4f(changed / 255.0, 1.0);
}
`;
