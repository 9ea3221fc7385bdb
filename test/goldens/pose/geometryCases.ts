// Recorded geometry: camera, projection, labels, normalisation, flip, limb lengths, angles, clip splitting.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBvh } from '../../../src/annotations/bvh';
import { bvhFamilies, mapJoints, recogniseFamily } from '../../../src/annotations/bvhFamilies';
import { worldPositions } from '../../../src/annotations/bvhKinematics';
import { floatValues } from '../../../src/formats/storedTensor';
import { cameraAt } from '../../../src/models/pose/camera';
import { clipFrames, trainingStarts } from '../../../src/models/pose/clips';
import { cameraToImage, normalisePoses, projectFrame } from '../../../src/models/pose/labels';
import { boneAngles, flipPoses, limbLengths } from '../../../src/models/pose/skeleton';
import { compare, readGolden, type GoldenResult } from '../../helpers/golden';

interface RecordedCamera {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly dist: number;
  readonly w: number;
  readonly h: number;
}

/** Compares skeleton.bvh, projected, with the recorded camera, pixels and labels. */
export async function projectionCases(folder: string): Promise<GoldenResult[]> {
  const { tensors, metadata } = readGolden(folder, 'bvh_projection');
  const tolerance = JSON.parse(metadata['tolerance']!) as { atol_mm: number; normalised: number };
  const { camera: recorded } = JSON.parse(metadata['config']!) as { camera: RecordedCamera };
  const want = (name: string) => floatValues(tensors.get(`output.${name}`)!);
  const motion = parseBvh(readFileSync(join(folder, 'skeleton.bvh'), 'utf8'), 'skeleton.bvh');
  const family = recogniseFamily(motion.nodes, bvhFamilies)!;
  const world = mapJoints(family, motion.nodes, worldPositions(motion));
  const { yaw, pitch, dist, w: width, h: height, ...lens } = recorded;
  const target: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < world.length; at += 51)
    for (let axis = 0; axis < 3; axis++) target[axis]! += world[at + axis]! / motion.frames;
  const camera = cameraAt(yaw, pitch, dist, target, { ...lens, width, height });

  const image = new Float64Array(motion.frames * 51);
  const ratios: number[] = [];
  const fromCamera = new Float64Array(want('joints17_camera_mm'));
  for (let at = 0; at < image.length; at += 51) {
    ratios.push(projectFrame(camera, world, at, image.subarray(at, at + 51)));
    cameraToImage(camera, fromCamera.subarray(at, at + 51));
  }
  const pixels = image.filter((_, i) => i % 3 < 2);
  // A pixel is about 4.4 mm at this distance.
  const atol = tolerance.atol_mm / 4;
  const results = [
    compare('camera rotation', camera.rotation, want('camera_rotation'), { atol: 1e-6 }),
    compare('camera centre', camera.centre, want('camera_centre_mm'), { atol: tolerance.atol_mm }),
    compare('pixels', pixels, want('pixels'), { atol }),
    compare('ratio', ratios, want('ratio_px_per_mm'), { rtol: 1e-5 }),
    compare('3D image label', image, want('joint3d_image'), { atol }),
    compare('3D image label from camera space', fromCamera, want('joint3d_image'), { atol }),
    compare('normalised 2D', normalisePoses(pixels, 2, width, height), want('normalised_2d'), {
      atol: tolerance.normalised,
    }),
    compare('normalised 3D', normalisePoses(image, 3, width, height), want('normalised_3d'), {
      atol: tolerance.normalised,
    }),
  ];
  return Promise.resolve(results);
}

/** Compares flip, normalisation, limb lengths, angles and clip splitting with metrics.safetensors. */
export async function skeletonCases(folder: string): Promise<GoldenResult[]> {
  const { tensors, metadata } = readGolden(folder, 'metrics');
  const get = (name: string) => floatValues(tensors.get(name)!);
  const x = get('input.y');
  const resolution = get('input.resolution');
  const normalised = (name: string, channels: 2 | 3) =>
    Array.from({ length: 4 }, (_, i) => {
      const frame = get(name).subarray(i * 17 * channels, (i + 1) * 17 * channels);
      return [...normalisePoses(frame, channels, resolution[i * 2]!, resolution[i * 2 + 1]!)];
    }).flat();
  const rtol = 2e-5;
  return Promise.resolve([
    compare('flip', flipPoses(x, 3), get('output.flip_data'), {}),
    compare('limb lengths', limbLengths(x), get('output.limb_lens'), { rtol, atol: 1e-6 }),
    compare('angles', boneAngles(x), get('output.angles'), { rtol, atol: 1e-5 }),
    compare('normalised 2D of any size', normalised('input.pixels', 2), get('output.normalized_2d'), {
      rtol,
      atol: 1e-6,
    }),
    compare('normalised 3D of any size', normalised('input.joint3d_image', 3), get('output.normalized_3d'), {
      rtol,
      atol: 1e-6,
    }),
    ...splitCases(metadata['clip_splits']!),
  ]);
}

interface RecordedSplit {
  readonly video_lengths: readonly number[];
  readonly n_frames: number;
  readonly stride: number;
  readonly clips: readonly (readonly number[])[];
}

/** Stretched clips are random upstream: there only length, order and range are compared. */
function splitCases(text: string): GoldenResult[] {
  return (JSON.parse(text) as RecordedSplit[]).map(({ video_lengths: lengths, n_frames: frames, stride, clips }, k) => {
    const got: number[] = [];
    const want: number[] = [];
    let first = 0;
    let clip = 0;
    for (const length of lengths) {
      for (const start of trainingStarts(length, frames, stride)) {
        const ours = [...clipFrames(start, length, frames)].map((frame) => frame + first);
        const theirs = clips[clip++] ?? [];
        const stretched = theirs.length > 2;
        got.push(ours[0]!, ours.at(-1)!, ours.length);
        want.push(...(stretched ? [first, first + length - 1, theirs.length] : [theirs[0]!, theirs[1]!, frames]));
        if (stretched) {
          got.push(Number(ours.every((frame, i) => i === 0 || frame >= ours[i - 1]!)));
          want.push(1);
        }
      }
      first += length;
    }
    return compare(`clip split ${k}`, [...got, clip], [...want, clips.length], {});
  });
}
