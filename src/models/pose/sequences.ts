// Where the pose task's motion comes from: the demo, BVH folders or Human3.6M archives, at one frame rate.
import { UserError } from '../../errors';
import { readBvhFolder } from '../../annotations/bvhFolder';
import { Folder } from '../../annotations/folder';
import { repairableReason } from '../../annotations/labelSet';
import { openDropped } from '../../annotations/openDropped';
import { readHuman36m, type Human36mVideo } from '../../annotations/human36m';
import { isBlocked } from '../../metrics/poseProtocol';
import type { DataFile } from '../../formats/dataFile';
import type { DataProblem } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import type { Progress } from '../../formats/progress';
import { human36mCameras, plainIntrinsics, stageOf, type Stage } from '../../figure/camera';
import { resampledFrames } from '../../figure/motionClips';
import { demoRecordings } from './demoMotion';
import { cameraToImage, normalisePoses } from '../../figure/projection';
import { JOINTS } from '../../figure/skeleton';

interface SequenceFacts {
  readonly name: string;
  readonly subject: string;
  readonly action: string;
  readonly split: 'train' | 'val';
  readonly frames: number;
}

/** Motion in the world, to be seen by cameras of our own. */
export interface MotionSequence extends SequenceFacts {
  readonly kind: 'motion';
  /** [frames, 17, 3] in mm, Y up. */
  readonly world: Float32Array;
  readonly stage: Stage;
}

/** A real video's annotations: one camera, detected 2D. */
export interface VideoSequence extends SequenceFacts {
  readonly kind: 'video';
  readonly camera: string;
  readonly width: number;
  readonly height: number;
  /** Normalised x, y and confidence, [frames, 17, 3]. */
  readonly input: Float32Array;
  /** Normalised 3D image label, [frames, 17, 3]. */
  readonly label: Float32Array;
  /** Millimetres per pixel, [frames]. */
  readonly factor: Float32Array;
  /** Its ground truth is broken: not judged (spec section 11.5). */
  readonly blocked: boolean;
}

export type PoseSequence = MotionSequence | VideoSequence;

export interface LoadedSequences {
  readonly sequences: readonly PoseSequence[];
  readonly problems: readonly DataProblem[];
  readonly found: number;
}

const human36mRate = 50;

/**
 * Loads all recordings, out of .zip files too, resampled to `frameRate` Hz.
 * @throws UserError when nothing is usable, or a .zip cannot be unpacked.
 */
export async function loadSequences(data: DataSource, frameRate: number, progress: Progress): Promise<LoadedSequences> {
  if (data.kind === 'demo') {
    const recordings = demoRecordings(frameRate);
    const sequences = recordings.map(({ world, ...facts }) => motion(facts, world));
    return { sequences, problems: [], found: sequences.length };
  }
  const files = new Folder(await openDropped(data.files, progress), data.repairText);
  const archives = files.withExtension('npz');
  const problems: DataProblem[] = [];
  const sequences: PoseSequence[] = [];
  let found = archives.length;
  for (const [i, file] of archives.entries()) {
    progress(file.path, i, archives.length);
    await guarded(file, problems, async () => {
      const tell = ({ code, message, detail }: UserError): void =>
        void problems.push({ path: file.path, code, message, detail });
      const videos = readHuman36m(new Uint8Array(await file.blob.arrayBuffer()), file.path, tell);
      sequences.push(...videos.map((video) => fromVideo(video, frameRate, file.path)));
    });
  }
  if (archives.length === 0 || files.withExtension('bvh').length > 0) {
    const folder = await readBvhFolder(files, progress);
    found += folder.found;
    problems.push(...folder.problems);
    for (const clip of folder.clips) {
      await guarded(clip, problems, () => {
        const frames = framesAt(clip.frames, clip.framesPerSecond, frameRate, clip.path);
        const { path: name, subject, action, split } = clip;
        sequences.push(motion({ name, subject, action, split }, take(clip.joints, frames, JOINTS * 3)));
        return Promise.resolve();
      });
    }
  }
  problems.push(...files.notices);
  if (sequences.length === 0)
    throw (
      repairableReason(problems) ??
      new UserError(
        'pose-none-usable',
        `Nothing in the folder is usable. The first problem: ${problems[0]?.message ?? 'no file'}`,
      )
    );
  return { sequences, problems, found };
}

/** Turns a UserError about one file into a problem, so that it does not stop the others. */
async function guarded(
  file: Pick<DataFile, 'path'>,
  problems: DataProblem[],
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.push({ path: file.path, code: error.code, message: error.message, detail: error.detail });
  }
}

/** Frames to keep; refuses to invent frames between slower ones. */
function framesAt(length: number, sourceRate: number, targetRate: number, path: string): Int32Array {
  if (sourceRate < targetRate * 0.95)
    throw new UserError(
      'pose-frame-rate',
      `Recorded at ${Number(sourceRate.toFixed(2))} frames a second, but the frame rate is set to ${targetRate}; set it to ${Math.floor(sourceRate + 0.01)} or less (${path})`,
      { path, sourceRate, targetRate },
    );
  return resampledFrames(length, sourceRate, targetRate);
}

function take(values: Float32Array, frames: Int32Array, width: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(frames.length * width);
  for (const [i, frame] of frames.entries()) out.set(values.subarray(frame * width, (frame + 1) * width), i * width);
  return out;
}

function motion(facts: Omit<SequenceFacts, 'frames'>, world: Float32Array): MotionSequence {
  const { name, subject, action, split } = facts;
  return {
    kind: 'motion',
    name,
    subject,
    action,
    split,
    frames: world.length / (JOINTS * 3),
    world,
    stage: stageOf(world),
  };
}

function fromVideo(video: Human36mVideo, frameRate: number, path: string): VideoSequence {
  const intrinsics = human36mCameras[video.camera] ?? plainIntrinsics;
  const { width, height } = intrinsics;
  const frames = framesAt(video.frames, human36mRate, frameRate, path);
  const joints2d = normalisePoses(take(video.joints2d, frames, JOINTS * 2), 2, width, height);
  const confidence = video.confidence && take(video.confidence, frames, JOINTS);
  const input = new Float32Array(frames.length * JOINTS * 3);
  for (let i = 0; i < frames.length * JOINTS; i++) {
    input[i * 3] = joints2d[i * 2]!;
    input[i * 3 + 1] = joints2d[i * 2 + 1]!;
    input[i * 3 + 2] = confidence?.[i] ?? 1;
  }
  const image = new Float64Array(
    take(video.truth.kind === 'image' ? video.truth.image3d : video.truth.joints, frames, JOINTS * 3),
  );
  const factor = new Float32Array(frames.length);
  for (const [i, frame] of frames.entries())
    factor[i] =
      video.truth.kind === 'image'
        ? video.truth.factor[frame]!
        : 1 / cameraToImage(intrinsics, image.subarray(i * JOINTS * 3, (i + 1) * JOINTS * 3));
  const { source: name, subject, action, split, camera } = video;
  const label = normalisePoses(image, 3, width, height);
  return {
    kind: 'video',
    name,
    subject,
    action,
    split,
    frames: frames.length,
    camera,
    width,
    height,
    input,
    label,
    factor,
    blocked: isBlocked(name),
  };
}
