// Training clips: which there are, and a batch of them, projected, disturbed and mirrored on the fly.
import type { Batch } from '../../training/runtime';
import type { Random } from '../../samples/random';
import { randomCamera, virtualCameras, type Camera } from '../../figure/camera';
import { clipFrames, trainingStarts } from '../../figure/motionClips';
import type { PoseDataSettings } from './dataSettings';
import { projectFrame } from '../../figure/projection';
import { seededRandom } from '../../samples/seededRandom';
import { disturb } from '../../figure/detectorNoise';
import type { PoseSequence } from './sequences';
import { flipInto, JOINTS } from '../../figure/skeleton';

const frameValues = JOINTS * 3;

interface TrainClip {
  readonly sequence: PoseSequence;
  /** The fixed camera; null for a video. */
  readonly camera: Camera | null;
  readonly frames: Int32Array;
}

/** All training clips: every window of every recording, once for each of the four cameras. */
export class TrainClips {
  readonly #clips: TrainClip[];
  readonly #settings: PoseDataSettings;
  readonly #image = new Float64Array(frameValues);
  readonly #input: Float32Array;
  readonly #label: Float32Array;

  constructor(sequences: readonly PoseSequence[], settings: PoseDataSettings) {
    this.#settings = settings;
    this.#input = new Float32Array(settings.frames * JOINTS * settings.dimIn);
    this.#label = new Float32Array(settings.frames * frameValues);
    this.#clips = sequences.flatMap((sequence) => {
      const starts = trainingStarts(sequence.frames, settings.frames, settings.stride);
      const windows = starts.map((start) => clipFrames(start, sequence.frames, settings.frames));
      const cameras = sequence.kind === 'motion' ? virtualCameras(sequence.stage) : [null];
      return cameras.flatMap((camera) => windows.map((frames) => ({ sequence, camera, frames })));
    });
  }

  get count(): number {
    return this.#clips.length;
  }

  /** Clips per action. */
  countsByAction(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { sequence } of this.#clips) counts.set(sequence.action, (counts.get(sequence.action) ?? 0) + 1);
    return counts;
  }

  /** `pose2d` [clips, T, 17, dimIn] and `pose3d` [clips, T, 17, 3], normalised. */
  batch(indices: readonly number[], random: Random): Batch {
    const pose2d = new Float32Array(indices.length * this.#input.length);
    const pose3d = new Float32Array(indices.length * this.#label.length);
    const { frames, dimIn, flip } = this.#settings;
    for (const [i, index] of indices.entries()) {
      this.#fill(this.#clips[index]!, random);
      if (random() < flip) {
        flipInto(this.#input, 0, pose2d, i * this.#input.length, frames, dimIn);
        flipInto(this.#label, 0, pose3d, i * this.#label.length, frames, 3);
      } else {
        pose2d.set(this.#input, i * this.#input.length);
        pose3d.set(this.#label, i * this.#label.length);
      }
    }
    return { pose2d, pose3d };
  }

  /** Writes one clip to the scratch arrays. */
  #fill({ sequence, camera, frames }: TrainClip, random: Random): void {
    if (sequence.kind === 'motion') {
      const eye = this.#settings.cameras === 'random' ? randomCamera(sequence.stage, random) : camera!;
      // One draw of the checkpointed generator seeds a fast one for the many numbers of the noise.
      const noise = seededRandom(random() * 2 ** 32);
      for (let t = 0; t < frames.length; t++) this.#project(eye, sequence.world, frames[t]! * frameValues, t, noise);
    } else {
      const { dimIn } = this.#settings;
      for (let t = 0; t < frames.length; t++) {
        const at = frames[t]! * frameValues;
        this.#label.set(sequence.label.subarray(at, at + frameValues), t * frameValues);
        for (let joint = 0; joint < JOINTS; joint++)
          for (let c = 0; c < dimIn; c++)
            this.#input[(t * JOINTS + joint) * dimIn + c] = sequence.input[at + joint * 3 + c]!;
      }
    }
    if (this.#settings.rootRelative) subtractRoot(this.#label);
    if (this.#settings.centreInput) centreInput(this.#input, this.#settings.dimIn);
  }

  #project(camera: Camera, world: Float32Array, at: number, t: number, random: Random): void {
    const { dimIn, noise } = this.#settings;
    const image = this.#image;
    projectFrame(camera, world, at, image);
    const scale = 2 / camera.width;
    const shiftY = camera.height / camera.width;
    for (let joint = 0; joint < JOINTS; joint++) {
      const label = t * frameValues + joint * 3;
      this.#label[label] = image[joint * 3]! * scale - 1;
      this.#label[label + 1] = image[joint * 3 + 1]! * scale - shiftY;
      this.#label[label + 2] = image[joint * 3 + 2]! * scale;
      const confidence = disturb(image, joint * 3, noise, camera.width, random);
      const input = (t * JOINTS + joint) * dimIn;
      this.#input[input] = image[joint * 3]! * scale - 1;
      this.#input[input + 1] = image[joint * 3 + 1]! * scale - shiftY;
      if (dimIn === 3) this.#input[input + 2] = confidence;
    }
  }
}

/** Makes x and y of every joint relative to joint 0 of its frame, in place; [frames, 17, dimIn]. */
export function centreInput(input: Float32Array, dimIn: number): void {
  for (let frame = 0; frame < input.length; frame += JOINTS * dimIn) {
    const x = input[frame]!;
    const y = input[frame + 1]!;
    for (let joint = frame; joint < frame + JOINTS * dimIn; joint += dimIn) {
      input[joint]! -= x;
      input[joint + 1]! -= y;
    }
  }
}

/** Subtracts joint 0 from every joint of every frame, in place; [frames, 17, 3]. */
export function subtractRoot(poses: Float32Array): void {
  for (let frame = 0; frame < poses.length; frame += frameValues)
    for (let i = frameValues - 1; i >= 0; i--) poses[frame + i]! -= poses[frame + (i % 3)]!;
}
