// What the view counts again as a person moves threshold and suppression or corrects labels: by the metric's own functions.
import { actionMap, type Action, type ActionMap } from '../../metrics/tadMap';
import { judgeVideo, type JudgedVideo } from './judged';
import { shownActions } from './shownActions';
import type { ActionVideoRow, AdatadView } from './viewPayload';

/** What is true of a video: its labels, or what a person has made of them. */
export type TruthOf = (video: ActionVideoRow) => readonly Action[];

/** Average precision of the validation videos at another suppression, over the detections that crossed to the page. */
export function recountMap({ videos, overlaps }: AdatadView, truthOf: TruthOf, sigma: number): ActionMap {
  const judged = videos.filter(({ part }) => part === 'validation');
  return actionMap(
    new Map(judged.map((video) => [video.path, truthOf(video)])),
    new Map(judged.map((video) => [video.path, shownActions(video.candidates, sigma, 0)])),
    overlaps,
  );
}

/** The pass's own figures, which count all detections; for labels that nobody corrected. */
export function passMap({ overlaps, map, perClass }: AdatadView): ActionMap {
  return {
    thresholds: overlaps,
    map,
    average: map.length === 0 ? 0 : map.reduce((sum, one) => sum + one, 0) / map.length,
    perClass: new Map(perClass.map(({ label, precision }) => [label, precision])),
  };
}

export interface Verdicts {
  readonly labelled: number;
  readonly hit: number;
  readonly late: number;
  readonly false: number;
  readonly missed: number;
}

const none: Verdicts = { labelled: 0, hit: 0, late: 0, false: 0, missed: 0 };

/** What is shown of a video at these rules, judged by what is true of it. */
export function judgeShown(
  video: ActionVideoRow,
  truth: readonly Action[],
  sigma: number,
  threshold: number,
  leastIou: number,
): JudgedVideo {
  return judgeVideo(truth, shownActions(video.candidates, sigma, threshold), leastIou);
}

/** Numbers of verdicts by class, over videos with what is true of them. */
export function countVerdicts(
  videos: readonly { readonly truth: readonly Action[]; readonly judged: JudgedVideo }[],
): ReadonlyMap<string, Verdicts> {
  const counts = new Map<string, Verdicts>();
  const add = (label: string, kind: keyof Verdicts): void => {
    const known = counts.get(label) ?? none;
    counts.set(label, { ...known, [kind]: known[kind] + 1 });
  };
  for (const { truth, judged } of videos) {
    for (const { label } of truth) add(label, 'labelled');
    for (const { detection, verdict } of judged.detections) add(detection.label, verdict);
    for (const place of judged.missed) add(truth[place]!.label, 'missed');
  }
  return counts;
}

/** All classes together. */
export function totalOf(counts: ReadonlyMap<string, Verdicts>): Verdicts {
  return [...counts.values()].reduce(
    (sum, one) => ({
      labelled: sum.labelled + one.labelled,
      hit: sum.hit + one.hit,
      late: sum.late + one.late,
      false: sum.false + one.false,
      missed: sum.missed + one.missed,
    }),
    none,
  );
}
