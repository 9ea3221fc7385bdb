// Lifted people as files: 3-D key points as JSON, CSV and .npz, and a skeleton that moves as BVH.
import { writeBvh } from '../../annotations/writeBvh';
import { JOINT_NAMES, JOINTS } from '../../figure/skeleton';
import { evenlySpaced, standingPoses } from '../../figure/standingPoses';
import { writeNpz } from '../../formats/writeNpz';
import type { Settings } from '../settings';
import { personPoses, scaleOptions, shownPerson, type PoseResult } from './shownPerson';

/** Everyone of each file, in mm. */
export function keyPointsJson(results: readonly PoseResult[], live: Settings): string {
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const files = results.map(({ name, findings }) => ({
    video: name,
    people: findings.people.map((person) => {
      const poses = personPoses(person, live);
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
export function jointRows(results: readonly PoseResult[], live: Settings) {
  return results.flatMap(({ name: file, findings }) =>
    findings.people.flatMap((person) => {
      const poses = personPoses(person, live);
      return Array.from({ length: poses.length / 3 }, (_, i) => ({
        ...{ file, person: person.name, seconds: person.times[Math.floor(i / JOINTS)]! },
        ...{ joint: JOINT_NAMES[i % JOINTS]!, x: poses[i * 3]!, y: poses[i * 3 + 1]!, z: poses[i * 3 + 2]! },
      }));
    }),
  );
}

/** The person on show: [F, 17, 3] in mm and in pixels with a confidence, [F] seconds, [F] 1 where nobody was seen. */
export function poseNpz(result: PoseResult, live: Settings): Uint8Array<ArrayBuffer> {
  const person = shownPerson(result, live)!;
  const poses = personPoses(person, live);
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

/** The person on show, at the even frame rate that comes nearest to the video's. */
export function poseBvh(result: PoseResult, live: Settings): string {
  const person = shownPerson(result, live)!;
  const standing = standingPoses(person, scaleOptions(live));
  const last = standing.length / (JOINTS * 3) - 1;
  const seconds = last > 0 ? person.times[last]! - person.times[0]! : 0;
  const framesPerSecond = seconds > 0 ? last / seconds : 1;
  const world = evenlySpaced(standing, person.times, framesPerSecond);
  return writeBvh({ world, framesPerSecond, millimetresPerUnit: 1 });
}
