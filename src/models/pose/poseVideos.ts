// Sequences as each camera sees them, whole: what validation and the baselines work on.
import { virtualCameras, type Camera } from '../../figure/camera';
import { normalisePoses, projectFrame } from '../../figure/projection';
import { seededRandom } from '../../samples/seededRandom';
import { disturb, type Noise } from '../../figure/detectorNoise';
import type { MotionSequence, PoseSequence } from './sequences';
import { JOINTS } from '../../figure/skeleton';

export interface PoseVideo {
  readonly name: string;
  readonly subject: string;
  readonly action: string;
  readonly camera: string;
  readonly cameraYaw: number | null;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Normalised x, y and confidence, [frames, 17, 3]. */
  readonly input: Float32Array;
  /** Normalised 3D image label, [frames, 17, 3]. */
  readonly label: Float32Array;
  /** Millimetres per pixel, [frames]. */
  readonly factor: Float32Array;
  readonly blocked: boolean;
}

/** Every camera's view of every sequence; noise is seeded by name and camera, so it is the same in every run. */
export function videosOfAllCameras(sequences: readonly PoseSequence[], noise: Noise): PoseVideo[] {
  return sequences.flatMap((sequence): PoseVideo[] => {
    if (sequence.kind === 'video') return [{ ...sequence, cameraYaw: null }];
    return virtualCameras(sequence.stage).map((camera, i) =>
      see(sequence, camera, `camera ${i + 1}`, noise, seedOf(`${sequence.name}#${i}`)),
    );
  });
}

function see(sequence: MotionSequence, camera: Camera, cameraName: string, noise: Noise, seed: number): PoseVideo {
  const { name, subject, action, frames, world } = sequence;
  const { width, height } = camera;
  const random = seededRandom(seed);
  const factor = new Float32Array(frames);
  const image = new Float64Array(frames * JOINTS * 3);
  for (let frame = 0; frame < frames; frame++) {
    const at = frame * JOINTS * 3;
    factor[frame] = 1 / projectFrame(camera, world, at, image.subarray(at, at + JOINTS * 3));
  }
  const label = normalisePoses(image, 3, width, height);
  const confidence = new Float32Array(frames * JOINTS);
  for (let i = 0; i < confidence.length; i++) confidence[i] = disturb(image, i * 3, noise, width, random);
  const input = normalisePoses(image, 3, width, height);
  for (let i = 0; i < confidence.length; i++) input[i * 3 + 2] = confidence[i]!;
  const view = { width, height, frames, input, label, factor, blocked: false };
  return { name, subject, action, camera: cameraName, cameraYaw: camera.yaw, ...view };
}

/** FNV-1a, 32 bits. */
function seedOf(text: string): number {
  let x = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) x = Math.imul(x ^ byte, 0x01000193) >>> 0;
  return x;
}
