// Which person of a result is on show, and how large.
import { scaledPoses, type ScaleOptions } from '../../figure/personScale';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { Settings } from '../settings';
import type { JudgedPerson, PoseFindings } from './poseFindings';

export type PoseResult = JudgedResult<PoseFindings>;

/** What the live settings say of a body. */
export function scaleOptions(live: Settings): ScaleOptions {
  return { height: Number(live['bodyHeight']), smoothingSeconds: Number(live['smoothing']) };
}

/** A person's poses in millimetres relative to the root, [F, 17, 3], as far as they are lifted. */
export function personPoses(person: JudgedPerson, live: Settings): Float64Array<ArrayBuffer> {
  return scaledPoses(person, scaleOptions(live));
}

/** Which person of a result is on show. */
export function shownPerson({ findings }: PoseResult, live: Settings): JudgedPerson | undefined {
  return findings.people[Math.max(0, Math.min(findings.people.length, Number(live['person'])) - 1)];
}
