// From poses in space to what the network sees and learns: projection, 3D image label, normalisation (spec section 9).
import type { Camera, Intrinsics } from './camera';
import { JOINTS } from './skeleton';

const frameValues = JOINTS * 3;

/**
 * Projects one frame of world joints (`world` from `at` on, [17, 3] mm) and writes its 3D image label to `image`
 * ([17, 3]: x, y in pixels, z relative to the root in pixels). Returns the ratio in pixels per mm; the factor of
 * section 9 is its inverse.
 */
export function projectFrame(camera: Camera, world: Float32Array, at: number, image: Float64Array): number {
  const r = camera.rotation;
  const [cx, cy, cz] = camera.centre;
  for (let i = 0; i < frameValues; i += 3) {
    const x = world[at + i]! - cx;
    const y = world[at + i + 1]! - cy;
    const z = world[at + i + 2]! - cz;
    image[i] = r[0]! * x + r[1]! * y + r[2]! * z;
    image[i + 1] = r[3]! * x + r[4]! * y + r[5]! * z;
    image[i + 2] = r[6]! * x + r[7]! * y + r[8]! * z;
  }
  return cameraToImage(camera, image);
}

/** Turns camera-space joints ([17, 3] mm) in place into the 3D image label; returns the ratio in pixels per mm. */
export function cameraToImage({ fx, fy, cx, cy }: Intrinsics, joints: Float64Array): number {
  const rootDepth = joints[2]!;
  // The projections of the root moved by ±1000 mm lie 2000 f / Z apart; upstream's box counts both border pixels.
  const ratio = ((2000 * fx) / rootDepth + 1) / 2000;
  for (let i = 0; i < frameValues; i += 3) {
    const depth = joints[i + 2]!;
    joints[i] = (fx * joints[i]!) / depth + cx;
    joints[i + 1] = (fy * joints[i + 1]!) / depth + cy;
    joints[i + 2] = ratio * (depth - rootDepth);
  }
  return ratio;
}

/** Pixels to the network's units: x in [-1, 1], y in ±height/width, aspect kept. */
export function normalisePixel(value: number, axis: 0 | 1, width: number, height: number): number {
  return (value / width) * 2 - (axis === 0 ? 1 : height / width);
}

/** Normalises poses of pixels [frames, 17, channels] of one video; channel 2 is depth when `channels` is 3. */
export function normalisePoses(
  poses: ArrayLike<number>,
  channels: 2 | 3,
  width: number,
  height: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(poses.length);
  for (let i = 0; i < poses.length; i++) {
    const axis = i % channels;
    out[i] = axis === 2 ? (poses[i]! / width) * 2 : normalisePixel(poses[i]!, axis as 0 | 1, width, height);
  }
  return out;
}

/** Inverse of `normalisePoses` for 3D poses. */
export function denormalisePoses(poses: ArrayLike<number>, width: number, height: number): Float64Array {
  const out = new Float64Array(poses.length);
  for (let i = 0; i < poses.length; i++) {
    const shift = i % 3 === 0 ? 1 : i % 3 === 1 ? height / width : 0;
    out[i] = ((poses[i]! + shift) * width) / 2;
  }
  return out;
}

/**
 * Normalised 3D poses to root-relative millimetres: the inverse of normalisation, times the frame's factor, minus
 * joint 0 (spec section 11.3; the shift of the normalisation cancels).
 * @param poses [frames, 17, 3] from `at` on; `frames` says which frame of `factor` each belongs to.
 * @param rootIsZero the recipe is root-relative: the prediction's joint 0 counts as 0 (section 11.2).
 */
export function toMillimetres(
  poses: Float32Array,
  at: number,
  frames: ArrayLike<number>,
  factor: Float32Array,
  width: number,
  rootIsZero: boolean,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(frames.length * frameValues);
  for (let t = 0; t < frames.length; t++) {
    const root = at + t * frameValues;
    const scale = (width / 2) * factor[frames[t]!]!;
    for (let i = 0; i < frameValues; i++) {
      const origin = rootIsZero ? 0 : poses[root + (i % 3)]!;
      out[t * frameValues + i] = i < 3 ? 0 : (poses[root + i]! - origin) * scale;
    }
  }
  return out;
}
