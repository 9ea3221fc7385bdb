// The kernels that make a tensor of decoded frames: resize along both axes, colours, jitter, normalise, layout.
import { jitterWgsl } from './colourJitter';

/** How a frame's samples reach the GPU: as a texture that the browser imports or fills, or as bytes of its planes. */
export type FrameSamples = 'external' | 'texture' | 'planes' | 'pixels';

/** What the tensor's elements are; `rgba8` packs a pixel of 0..255 into one word. */
export type FrameFormat = 'f32' | 'f16' | 'rgba8';

/** Shared by all kernels; frameSettings.ts writes it in this order. */
const settingsWgsl = /* wgsl */ `
struct Plane {
  firstWord: u32, rowWords: u32, rowGroups: u32, scratchWord: u32,
  downStarts: u32, downWeights: u32, downTaps: u32, acrossStarts: u32,
  acrossWeights: u32, acrossTaps: u32, unused2: u32, unused3: u32,
}
struct Settings {
  planes: array<Plane, 3>,
  across: u32, down: u32, transposed: u32, frameWords: u32,
  scratchWords: u32, planeCount: u32, firstElement: u32, jitterSteps: u32,
  frameStride: u32, channelStride: u32, rowStride: u32, columnStride: u32,
  firstFrame: u32, unused4: u32, unused5: u32, unused6: u32,
  codes: vec4u,
  factors: vec4f,
  scale: vec4f,
  bias: vec4f,
  red: vec4f,
  green: vec4f,
  blue: vec4f,
}
@group(0) @binding(0) var<uniform> s: Settings;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
`;

/** Four neighbouring samples as 0..1 of a byte; those of more than 8 bits keep their fractions. */
function unpacking(bits: number): string {
  if (bits === 8) return 'unpack4x8unorm(bytes[at])';
  const toByte = 65535 / (255 * 2 ** (bits - 8));
  return `${toByte} * vec4f(unpack2x16unorm(bytes[at]), unpack2x16unorm(bytes[at + 1u]))`;
}

/** Sums down the columns of all planes, four samples at a time, so that each sample is read about twice. */
export function downKernel(bits: number): string {
  const group = bits === 8 ? 1 : 2;
  return /* wgsl */ `${settingsWgsl}
@group(0) @binding(3) var<storage, read> bytes: array<u32>;
@group(0) @binding(4) var<storage, read_write> scratch: array<vec4f>;

@compute @workgroup_size(64)
fn frames_down(@builtin(global_invocation_id) id: vec3u) {
  var column = id.x;
  var number = 0u;
  while (number < s.planeCount && column >= s.planes[number].rowGroups) {
    column -= s.planes[number].rowGroups;
    number++;
  }
  if (number >= s.planeCount) { return; }
  let plane = s.planes[number];
  var at = id.z * s.frameWords + plane.firstWord + starts[plane.downStarts + id.y] * plane.rowWords + column * ${group}u;
  var weight = plane.downWeights + id.y * plane.downTaps;
  var sum = vec4f(0.0);
  for (var k = 0u; k < plane.downTaps; k++) {
    sum = fma(vec4f(weights[weight]), ${unpacking(bits)}, sum);
    at += plane.rowWords;
    weight++;
  }
  scratch[id.z * s.scratchWords + plane.scratchWord + id.y * plane.rowGroups + column] = sum;
}
`;
}

const acrossPlanes = /* wgsl */ `
@group(0) @binding(3) var<storage, read> scratch: array<f32>;

fn across(number: u32, frame: u32, i: u32, j: u32) -> f32 {
  let plane = s.planes[number];
  var at = (frame * s.scratchWords + plane.scratchWord + j * plane.rowGroups) * 4u + starts[plane.acrossStarts + i];
  var weight = plane.acrossWeights + i * plane.acrossTaps;
  var sum = 0.0;
  for (var k = 0u; k < plane.acrossTaps; k++) {
    sum = fma(weights[weight], scratch[at], sum);
    at++;
    weight++;
  }
  return sum;
}

fn sample(frame: u32, i: u32, j: u32) -> vec3f {
  let yuv = vec4f(across(0u, frame, i, j), across(1u, frame, i, j), across(2u, frame, i, j), 1.0);
  return saturate(vec3f(dot(s.red, yuv), dot(s.green, yuv), dot(s.blue, yuv)));
}
`;

const acrossPixels = /* wgsl */ `
@group(0) @binding(3) var<storage, read> scratch: array<vec4f>;

fn sample(frame: u32, i: u32, j: u32) -> vec3f {
  let plane = s.planes[0];
  var at = frame * s.scratchWords + plane.scratchWord + j * plane.rowGroups + starts[plane.acrossStarts + i];
  var weight = plane.acrossWeights + i * plane.acrossTaps;
  var sum = vec4f(0.0);
  for (var k = 0u; k < plane.acrossTaps; k++) {
    sum = fma(vec4f(weights[weight]), scratch[at], sum);
    at++;
    weight++;
  }
  return saturate(sum.rgb);
}
`;

/** Both axes at once: the texture unit's cache serves what neighbours read again. */
const fromTexture = (type: 'texture_external' | 'texture_2d<f32>') => /* wgsl */ `
@group(0) @binding(3) var picture: ${type};

fn sample(frame: u32, i: u32, j: u32) -> vec3f {
  let plane = s.planes[0];
  let x = starts[plane.acrossStarts + i];
  let y = starts[plane.downStarts + j];
  var sum = vec3f(0.0);
  for (var n = 0u; n < plane.downTaps; n++) {
    var row = vec3f(0.0);
    for (var k = 0u; k < plane.acrossTaps; k++) {
      let weight = weights[plane.acrossWeights + i * plane.acrossTaps + k];
      row += weight * textureLoad(picture, vec2u(x + k, y + n)${type === 'texture_external' ? '' : ', 0'}).rgb;
    }
    sum += weights[plane.downWeights + j * plane.downTaps + n] * row;
  }
  return saturate(sum);
}
`;

const sampling: Readonly<Record<FrameSamples, string>> = {
  planes: acrossPlanes,
  pixels: acrossPixels,
  external: fromTexture('texture_external'),
  texture: fromTexture('texture_2d<f32>'),
};

/** Stores one pixel of the output at its place in the tensor. */
function storing(format: FrameFormat): string {
  const type = format === 'rgba8' ? 'u32' : format;
  const body =
    format === 'rgba8'
      ? 'tensor[at] = pack4x8unorm(vec4f(rgb, 1.0));'
      : `let value = fma(rgb, s.scale.rgb, s.bias.rgb);
  tensor[at] = ${type}(value.r);
  tensor[at + s.channelStride] = ${type}(value.g);
  tensor[at + 2u * s.channelStride] = ${type}(value.b);`;
  return /* wgsl */ `
@group(0) @binding(4) var<storage, read_write> tensor: array<${type}>;

fn store(frame: u32, i: u32, j: u32, rgb: vec3f) {
  let place = select(vec2u(i, j), vec2u(j, i), s.transposed == 1u);
  let at = s.firstElement + frame * s.frameStride + place.y * s.rowStride + place.x * s.columnStride;
  ${body}
}
`;
}

const enabling = (format: FrameFormat) => (format === 'f16' ? 'enable f16;\n' : '');

/** Without jitter: from the frame (or its column sums) straight to the tensor. */
export function finishKernel(samples: FrameSamples, format: FrameFormat): string {
  return /* wgsl */ `${enabling(format)}${settingsWgsl}${sampling[samples]}${storing(format)}
@compute @workgroup_size(8, 8)
fn frames_finish(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= s.across || id.y >= s.down) { return; }
  store(s.firstFrame + id.z, id.x, id.y, sample(id.z, id.x, id.y));
}
`;
}

/** With jitter, first step: resized colours, kept for the frame's mean. */
export function collectKernel(samples: FrameSamples): string {
  return /* wgsl */ `${settingsWgsl}${sampling[samples]}
@group(0) @binding(4) var<storage, read_write> colours: array<vec4f>;
@compute @workgroup_size(8, 8)
fn frames_collect(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= s.across || id.y >= s.down) { return; }
  colours[(s.firstFrame + id.z) * s.across * s.down + id.y * s.across + id.x] = vec4f(sample(id.z, id.x, id.y), 1.0);
}
`;
}

/** With jitter, second step: the mean grey of each frame as it is when contrast's turn comes. */
export const meanKernel = /* wgsl */ `${settingsWgsl}${jitterWgsl}
@group(0) @binding(3) var<storage, read> colours: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> means: array<f32>;
var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn frames_mean(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pixels = s.across * s.down;
  var sum = 0.0;
  for (var i = lane; i < pixels; i += 64u) {
    let rgb = jitter(colours[group.x * pixels + i].rgb, s.codes, s.factors, 0.0, s.jitterSteps);
    sum += dot(rgb, greyWeights);
  }
  sums[lane] = sum;
  for (var step = 32u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { sums[lane] += sums[lane + step]; }
  }
  if (lane == 0u) { means[group.x] = sums[0] / f32(pixels); }
}
`;

/** With jitter, third step: all operations, then as without. */
export function jitterKernel(format: FrameFormat): string {
  return /* wgsl */ `${enabling(format)}${settingsWgsl}${jitterWgsl}${storing(format)}
@group(0) @binding(3) var<storage, read> colours: array<vec4f>;
@group(0) @binding(5) var<storage, read> means: array<f32>;
@compute @workgroup_size(8, 8)
fn frames_jitter(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= s.across || id.y >= s.down) { return; }
  let rgb = colours[id.z * s.across * s.down + id.y * s.across + id.x].rgb;
  store(id.z, id.x, id.y, jitter(rgb, s.codes, s.factors, means[id.z], 4u));
}
`;
}
