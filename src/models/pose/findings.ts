// What lifting found, for the page: skeletons on the picture, millimetres by the person's height, key points to take away.
import { JOINT_NAMES, JOINTS } from '../../figure/skeleton';
import type { JudgedResult } from '../../training/judging/judgedResult';
import { fixed } from '../../ui/format/quantities';
import { csvOf } from '../../ui/judged/spanTexts';
import type { FindingsReading, FoundSpan, TaskFindings } from '../../ui/judged/taskFindings';
import type { Overlay } from '../../ui/player/draw';
import { frameAt } from '../../ui/player/frames';
import type { Settings } from '../settings';
import { drawBody } from '../../figure/drawSkeleton';
import { scaledPoses } from '../../figure/personScale';
import type { JudgedPerson, PoseFindings } from './poseFindings';
import { findingsStrings } from './viewStrings';

type PoseResult = JudgedResult<PoseFindings>;

/** Joints below it are not drawn on the picture. */
const leastConfidence = 0.05;

/** A person's poses in millimetres relative to the root, [F, 17, 3], as far as they are lifted. */
export function personPoses(person: JudgedPerson, live: Settings): Float64Array<ArrayBuffer> {
  return scaledPoses(person, {
    height: Number(live['bodyHeight']),
    smoothingSeconds: Number(live['smoothing']),
  });
}

/** Which person of a result is on show. */
export function shownPerson({ findings }: PoseResult, live: Settings): JudgedPerson | undefined {
  return findings.people[Math.max(0, Math.min(findings.people.length, Number(live['person'])) - 1)];
}

function skeletons(people: readonly JudgedPerson[], shown: JudgedPerson | undefined, times: Float64Array): Overlay {
  const starts = people.map((person) => Float64Array.from(person.times));
  return (context, { width, height, frame, colour }) => {
    const seconds = times[frame] ?? 0;
    for (const [i, person] of people.entries()) {
      const own = starts[i]!;
      if (own.length === 0 || seconds < own[0]! - 1e-3 || seconds > own.at(-1)! + 1e-3) continue;
      const at = frameAt(own, seconds) * JOINTS * 3;
      if (!(person.input[at + 2]! >= leastConfidence)) continue;
      const joints = Array.from({ length: JOINTS }, (_, joint) => ({
        x: (person.input[at + joint * 3]! / person.width) * width,
        y: (person.input[at + joint * 3 + 1]! / person.height) * height,
        depth: 0,
      }));
      drawBody(context, joints, { ghost: person !== shown, errors: null, colour });
    }
  };
}

function spanOf({ name, times, bridged }: JudgedPerson): FoundSpan[] {
  const gaps = new Set(bridged);
  const spans: FoundSpan[] = [];
  let from = -1;
  for (let i = 0; i <= times.length; i++) {
    const seen = i < times.length && !gaps.has(i);
    if (seen && from < 0) from = i;
    if (seen || from < 0) continue;
    spans.push({
      from: times[from]!,
      until: times[i - 1]!,
      label: name === '' ? 'person' : name,
      score: 1,
      lane: name,
    });
    from = -1;
  }
  return spans;
}

function read(result: PoseResult, live: Settings, locale: 'en' | 'zh-CN'): FindingsReading {
  const text = findingsStrings[locale];
  const { people } = result.findings;
  const shown = shownPerson(result, live);
  const timestamps = Float64Array.from(shown?.times ?? []);
  const lifted = shown === undefined ? 0 : shown.poses.length / (JOINTS * 3);
  return {
    verdict: people.length === 0 ? text.nobody : text.people(people.length, lifted),
    numbers: [
      [text.persons, String(people.length)],
      [text.frames, `${lifted} / ${timestamps.length}`],
      [text.bridged, String(shown?.bridged.length ?? 0)],
      [
        text.scale,
        shown?.millimetresPerPixel ? text.known : text.byHeight(fixed(locale, Number(live['bodyHeight']), 0)),
      ],
    ],
    spans: people.flatMap(spanOf),
    moments: [],
    timestamps,
    overlays: [skeletons(people, shown, timestamps)],
  };
}

function keyPointsJson(results: readonly PoseResult[], live: Settings): string {
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

function keyPointsCsv(results: readonly PoseResult[], live: Settings): string {
  const rows = results.flatMap(({ name: file, findings }) =>
    findings.people.flatMap((person) => {
      const poses = personPoses(person, live);
      return Array.from({ length: poses.length / 3 }, (_, i) => ({
        ...{
          file,
          person: person.name,
          seconds: person.times[Math.floor(i / JOINTS)]!,
          joint: JOINT_NAMES[i % JOINTS]!,
        },
        ...{ x: poses[i * 3]!, y: poses[i * 3 + 1]!, z: poses[i * 3 + 2]! },
      }));
    }),
  );
  return csvOf(rows, ['file', 'person', 'seconds', 'joint', 'x', 'y', 'z']);
}

export const findings: TaskFindings<PoseFindings> = {
  live: [
    { key: 'bodyHeight', default: 1700, minimum: 500, maximum: 2500, step: 10, unit: 'mm' },
    { key: 'smoothing', default: 0, minimum: 0, maximum: 1, step: 0.01, unit: 's' },
    { key: 'person', default: 1, minimum: 1, maximum: 20, step: 1 },
  ],
  read,
  exports: [
    { name: 'keypoints3d.json', write: keyPointsJson },
    { name: 'keypoints3d.csv', write: keyPointsCsv },
  ],
};
