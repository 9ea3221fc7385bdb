// The kernels that make a tensor of decoded frames: resize along both axes, colours, jitter, normalise, layout.
import { jitterWgsl } from './colourJitter';

/** How a frame's samples reach the GPU: as a texture that the browser imports or fills, or as bytes of its planes. */
export type FrameSamples = 'external' | 'texture' | 'planes' | 'pixels';

/** What the tensor's elements are; `rgba8` packs a pixel of 0..255 into one word. */
export type FrameFormat = 'f32' | 'f16' | 'rgba8';

/** Shared by all kernels; frameSettings.ts writes it in this order. Weights lie in groups of four taps. */
const settingsWgsl = /* wgsl */ `
struct Plane {
  firstWord: u32, rowWords: u32, rowGroups: u32, scratchGroup: u32,
  downStarts: u32, downWeights: u32, downGroups: u32, acrossStarts: u32,
  acrossWeights: u32, acrossGroups: u32, unused: u32, unused2: u32,
}
struct Settings {
  planes: array<Plane, 3>,
  across: u32, down: u32, transposed: u32, frameWords: u32,
  unused: u32, unused2: u32, firstElement: u32, jitterSteps: u32,
  frameStride: u32, channelStride: u32, rowStride: u32, columnStride: u32,
  firstFrame: u32, unused3: u32, unused4: u32, unused5: u32,
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
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
`;

/** Sums of columns between the kernels: four in two words, each in 16 bits, which halves what goes through memory. */
const packingWgsl = /* wgsl */ `
fn packed(sums: vec4f) -> vec2u {
  let whole = vec4u(clamp(sums, vec4f(0.0), vec4f(255.0)) * 257.0 + 0.5);
  return vec2u(whole.x | (whole.y << 16u), whole.z | (whole.w << 16u));
}

fn unpacked(words: vec2u) -> vec4f {
  return vec4f(vec4u(words.x & 0xffffu, words.x >> 16u, words.y & 0xffffu, words.y >> 16u)) * (1.0 / 65535.0);
}
`;

/** Samples that one invocation of the first kernel sums up: reading wide costs a software adapter no more than reading. */
export const BLOCK_SAMPLES = 16;

/** Reads a block at `at` and adds it, weighted, to the four sums. Samples become 0..255. */
function addBlock(bits: number): string {
  const read = bits === 8 ? 'let block = bytes[at];' : 'let low = bytes[at]; let high = bytes[at + 1u];';
  const group = (i: number) => {
    const lane = 'xyzw'[i]!;
    if (bits === 8) return `vec4f((vec4u(block.${lane}) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u))`;
    const [half, first, second] = i < 2 ? ['low', i * 2, i * 2 + 1] : ['high', i * 2 - 4, i * 2 - 3];
    const toByte = 65535 / 2 ** (bits - 8);
    return `${toByte} * vec4f(unpack2x16unorm(${half}[${first}]), unpack2x16unorm(${half}[${second}]))`;
  };
  const sums = [0, 1, 2, 3].map((i) => `  sum${i} = fma(vec4f(weight), ${group(i)}, sum${i});`);
  return [read, ...sums].join('\n');
}

/** Sums down the columns of one plane, or of both chroma planes, so that each sample is read about twice. */
export function downKernel(bits: number, planes: 'first' | 'chroma'): string {
  const chroma = planes === 'chroma';
  return /* wgsl */ `${settingsWgsl}${packingWgsl}
@group(0) @binding(3) var<storage, read> bytes: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> scratch: array<vec2u>;

@compute @workgroup_size(16, 4)
fn frames_down(@builtin(global_invocation_id) id: vec3u) {
  let plane = s.planes[${chroma ? 1 : 0}];
  if (id.x >= plane.rowGroups / 4u || id.y >= s.down) { return; }
  let isLast = ${chroma ? 'id.z == 1u' : 'false'};
  let firstWord = select(plane.firstWord, s.planes[2].firstWord, isLast);
  let rowBlocks = plane.rowWords / 4u;
  var at = (s.firstFrame * s.frameWords + firstWord) / 4u + starts[plane.downStarts + id.y] * rowBlocks + id.x${bits === 8 ? '' : ' * 2u'};
  var sum0 = vec4f(0.0); var sum1 = vec4f(0.0); var sum2 = vec4f(0.0); var sum3 = vec4f(0.0);
  for (var k = 0u; k < plane.downGroups; k++) {
    let four = weights[plane.downWeights + id.y * plane.downGroups + k];
${['x', 'y', 'z', 'w'].map((lane) => `{ let weight = four.${lane};\n${addBlock(bits)}\nat += rowBlocks; }`).join('\n')}
  }
  let scratchGroup = select(plane.scratchGroup, s.planes[2].scratchGroup, isLast);
  let to = scratchGroup + id.y * plane.rowGroups + id.x * 4u;
  scratch[to] = packed(sum0);
  scratch[to + 1u] = packed(sum1);
  scratch[to + 2u] = packed(sum2);
  scratch[to + 3u] = packed(sum3);
}
`;
}

/** Four rows at once share their weights. */
const acrossPlanes = /* wgsl */ `${packingWgsl}
@group(0) @binding(3) var<storage, read> scratch: array<vec2u>;

fn rowsOf(plane: u32, weight: vec4f, at: u32) -> vec4f {
  let next = s.planes[plane].rowGroups;
  return vec4f(
    dot(weight, unpacked(scratch[at])),
    dot(weight, unpacked(scratch[at + next])),
    dot(weight, unpacked(scratch[at + 2u * next])),
    dot(weight, unpacked(scratch[at + 3u * next])),
  );
}

fn sample(i: u32, j: u32) -> array<vec3f, 4> {
  let luma = s.planes[0];
  var y = vec4f(0.0);
  var at = luma.scratchGroup + j * luma.rowGroups + starts[luma.acrossStarts + i] / 4u;
  var first = luma.acrossWeights + i * luma.acrossGroups;
  for (var k = 0u; k < luma.acrossGroups; k++) { y += rowsOf(0u, weights[first + k], at + k); }
  let chroma = s.planes[1];
  let apart = s.planes[2].scratchGroup - chroma.scratchGroup;
  var u = vec4f(0.0);
  var v = vec4f(0.0);
  at = chroma.scratchGroup + j * chroma.rowGroups + starts[chroma.acrossStarts + i] / 4u;
  first = chroma.acrossWeights + i * chroma.acrossGroups;
  for (var k = 0u; k < chroma.acrossGroups; k++) {
    let weight = weights[first + k];
    u += rowsOf(1u, weight, at + k);
    v += rowsOf(1u, weight, at + apart + k);
  }
  var colours: array<vec3f, 4>;
  for (var r = 0u; r < 4u; r++) {
    let yuv = vec4f(y[r], u[r], v[r], 1.0);
    colours[r] = saturate(vec3f(dot(s.red, yuv), dot(s.green, yuv), dot(s.blue, yuv)));
  }
  return colours;
}
`;

const acrossPixels = /* wgsl */ `${packingWgsl}
@group(0) @binding(3) var<storage, read> scratch: array<vec2u>;

fn sample(i: u32, j: u32) -> array<vec3f, 1> {
  let plane = s.planes[0];
  var at = plane.scratchGroup + j * plane.rowGroups + starts[plane.acrossStarts + i];
  var sum = vec4f(0.0);
  for (var k = 0u; k < plane.acrossGroups; k++) {
    let four = weights[plane.acrossWeights + i * plane.acrossGroups + k];
    for (var lane = 0u; lane < 4u; lane++) { sum = fma(vec4f(four[lane]), unpacked(scratch[at + lane]), sum); }
    at += 4u;
  }
  return array(saturate(sum.rgb));
}
`;

/** Both axes at once: the texture unit's cache serves what neighbours read again. */
const fromTexture = (type: 'texture_external' | 'texture_2d<f32>') => /* wgsl */ `
@group(0) @binding(3) var picture: ${type};

fn sample(i: u32, j: u32) -> array<vec3f, 1> {
  let plane = s.planes[0];
  let x = starts[plane.acrossStarts + i];
  let y = starts[plane.downStarts + j];
  var sum = vec3f(0.0);
  for (var n = 0u; n < plane.downGroups * 4u; n++) {
    let rowWeight = weights[plane.downWeights + j * plane.downGroups + n / 4u][n % 4u];
    if (rowWeight == 0.0) { continue; }
    for (var k = 0u; k < plane.acrossGroups * 4u; k++) {
      let weight = weights[plane.acrossWeights + i * plane.acrossGroups + k / 4u][k % 4u];
      if (weight == 0.0) { continue; }
      sum += weight * rowWeight * textureLoad(picture, vec2u(x + k, y + n)${type === 'texture_external' ? '' : ', 0'}).rgb;
    }
  }
  return array(saturate(sum));
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

/** Rows that one invocation of the second kernel makes. */
export const rowsPerInvocation = (samples: FrameSamples) => (samples === 'planes' ? 4 : 1);

const enabling = (format: FrameFormat) => (format === 'f16' ? 'enable f16;\n' : '');

/** Without jitter: from the frame (or its column sums) straight to the tensor. */
export function finishKernel(samples: FrameSamples, format: FrameFormat): string {
  return /* wgsl */ `${enabling(format)}${settingsWgsl}${sampling[samples]}${storing(format)}
@compute @workgroup_size(8, 8)
fn frames_finish(@builtin(global_invocation_id) id: vec3u) {
  let j = id.y * ${rowsPerInvocation(samples)}u;
  if (id.x >= s.across || j >= s.down) { return; }
  let colours = sample(id.x, j);
  for (var r = 0u; r < min(${rowsPerInvocation(samples)}u, s.down - j); r++) { store(s.firstFrame, id.x, j + r, colours[r]); }
}
`;
}

/** With jitter, first step: resized colours, kept for the frame's mean. */
export function collectKernel(samples: FrameSamples): string {
  return /* wgsl */ `${settingsWgsl}${sampling[samples]}
@group(0) @binding(4) var<storage, read_write> colours: array<vec4f>;
@compute @workgroup_size(8, 8)
fn frames_collect(@builtin(global_invocation_id) id: vec3u) {
  let j = id.y * ${rowsPerInvocation(samples)}u;
  if (id.x >= s.across || j >= s.down) { return; }
  let rows = sample(id.x, j);
  for (var r = 0u; r < min(${rowsPerInvocation(samples)}u, s.down - j); r++) {
    colours[(s.firstFrame * s.down + j + r) * s.across + id.x] = vec4f(rows[r], 1.0);
  }
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
  store(id.z, id.x, id.y, finished(jitter(rgb, s.codes, s.factors, means[id.z], 4u), s.codes));
}
`;
}
