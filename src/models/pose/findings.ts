// What lifting found, for the page: skeletons on the picture, millimetres by the person's height, key points to take away.
import { jointRows, keyPointsJson, poseBvh, poseNpz, type LiftedVideo } from '../../annotations/writePoses';
import { JOINTS } from '../../figure/skeleton';
import type { JudgedResult } from '../../training/judging/judgedResult';
import { fixed } from '../../ui/format/quantities';
import { csvOf } from '../../ui/judged/spanTexts';
import type { FindingsReading, FoundSpan, TaskFindings } from '../../ui/judged/taskFindings';
import type { Overlay } from '../../ui/player/draw';
import { frameAt } from '../../ui/player/frames';
import type { Settings } from '../settings';
import { drawBody } from '../../figure/drawSkeleton';
import type { JudgedPerson, PoseFindings } from './poseFindings';
import { scaleOptions, shownPerson } from './shownPerson';
import { findingsStrings } from './viewStrings';

type PoseResult = JudgedResult<PoseFindings>;

/** Joints below it are not drawn on the picture. */
const leastConfidence = 0.05;

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

const videosOf = (results: readonly PoseResult[]): LiftedVideo[] =>
  results.map(({ name, findings: { people } }) => ({ name, people }));

const columns = ['file', 'person', 'seconds', 'joint', 'x', 'y', 'z'];

const isLifted = ({ findings: { people } }: PoseResult): boolean => people.some(({ poses }) => poses.length > 0);

export const findings: TaskFindings<PoseFindings> = {
  live: [
    { key: 'bodyHeight', default: 1700, minimum: 500, maximum: 2500, step: 10, unit: 'mm' },
    { key: 'smoothing', default: 0, minimum: 0, maximum: 1, step: 0.01, unit: 's' },
    { key: 'person', default: 1, minimum: 1, maximum: 20, step: 1 },
  ],
  ownModel: true,
  beside: true,
  read,
  exports: [
    { name: 'keypoints3d.json', write: (results, live) => keyPointsJson(videosOf(results), scaleOptions(live)) },
    {
      name: 'keypoints3d.csv',
      write: (results, live) => csvOf(jointRows(videosOf(results), scaleOptions(live)), columns),
    },
    ...[{ name: 'keypoints3d.npz', written: poseNpz } as const, { name: 'bvh', written: poseBvh } as const].map(
      ({ name, written }) => ({
        ...{ name, single: true, offers: isLifted },
        write: ([result]: readonly PoseResult[], live: Settings) =>
          written(shownPerson(result!, live)!, scaleOptions(live)),
      }),
    ),
  ],
};
