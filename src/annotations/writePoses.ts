// Lifted people as files: 3-D key points as JSON, CSV and .npz, and a skeleton that moves as BVH.
import { scaledPoses, type ScaleOptions } from '../figure/personScale';
import { JOINT_NAMES, JOINTS } from '../figure/skeleton';
import { evenlySpaced, standingPoses, type SeenPoses } from '../figure/standingPoses';
import { writeNpz } from '../formats/writeNpz';
import { writeBvh } from './writeBvh';

/** Somebody's poses in a video, lifted as far as `poses` reaches. */
export interface LiftedPerson extends SeenPoses {
  readonly name: string;
  /** Of the picture, in pixels. */
  readonly height: number;
  /** Numbers of frames in which the person was not seen. */
  readonly bridged: readonly number[];
}

/** Everyone of a video, by its file's name. */
export interface LiftedVideo {
  readonly name: string;
  readonly people: readonly LiftedPerson[];
}

/** Everyone of each file, in mm. */
export function keyPointsJson(videos: readonly LiftedVideo[], options: ScaleOptions): string {
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const files = videos.map(({ name, people }) => ({
    video: name,
    people: people.map((person) => {
      const poses = scaledPoses(person, options);
      const joint = (at: number) => [poses[at]!, poses[at + 1]!, poses[at + 2]!].map(rounded);
      const lifted = poses.length / (JOINTS * 3);
      return {
        ...{ person: person.name, times: person.times.slice(0, lifted), bridged: person.bridged },
        keypoints3d: Array.from({ length: lifted }, (_, f) =>
          Array.from({ length: JOINTS }, (_, j) => joint((f * JOINTS + j) * 3)),
        ),
      };
    }),
  }));
  return JSON.stringify({
    unit: 'mm',
    axes: 'x right, y down, z away, relative to the hip',
    joints: JOINT_NAMES,
    files,
  });
}

/** Everyone's joints of each file, a row each, in mm. */
export function jointRows(videos: readonly LiftedVideo[], options: ScaleOptions) {
  return videos.flatMap(({ name: file, people }) =>
    people.flatMap((person) => {
      const poses = scaledPoses(person, options);
      return Array.from({ length: poses.length / 3 }, (_, i) => ({
        ...{ file, person: person.name, seconds: person.times[Math.floor(i / JOINTS)]! },
        ...{ joint: JOINT_NAMES[i % JOINTS]!, x: poses[i * 3]!, y: poses[i * 3 + 1]!, z: poses[i * 3 + 2]! },
      }));
    }),
  );
}

/** A person: [F, 17, 3] in mm and in pixels with a confidence, [F] seconds, [F] 1 where nobody was seen. */
export function poseNpz(person: LiftedPerson, options: ScaleOptions): Uint8Array<ArrayBuffer> {
  const poses = scaledPoses(person, options);
  const frames = poses.length / (JOINTS * 3);
  const shape = [frames, JOINTS, 3];
  const bridged = new Uint8Array(frames);
  for (const frame of person.bridged) bridged[frame] = 1;
  return writeNpz({
    keypoints_3d: { shape, data: Float32Array.from(poses) },
    keypoints_2d: { shape, data: Float32Array.from(person.input.slice(0, frames * JOINTS * 3)) },
    times: { shape: [frames], data: Float64Array.from(person.times.slice(0, frames)) },
    bridged: { shape: [frames], data: bridged },
    size: { shape: [2], data: Float64Array.of(person.width, person.height) },
  });
}

/** A person at the even frame rate that comes nearest to the video's. */
export function poseBvh(person: LiftedPerson, options: ScaleOptions): string {
  const standing = standingPoses(person, options);
  const last = standing.length / (JOINTS * 3) - 1;
  const seconds = last > 0 ? person.times[last]! - person.times[0]! : 0;
  const framesPerSecond = seconds > 0 ? last / seconds : 1;
  const world = evenlySpaced(standing, person.times, framesPerSecond);
  return writeBvh({ world, framesPerSecond, millimetresPerUnit: 1 });
}
