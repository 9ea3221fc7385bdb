// Metrics of judged videos, and what the view draws of them.
import { actionMap, bestThreshold, type Action, type ActionMap, type ActionsByVideo } from '../../metrics/tadMap';
import type { Evaluation } from '../../training/runtime';
import type { OpenedActions } from './actionVideos';
import type { ScoredPart, ScoredVideo, ScoredWindows } from './scoredWindows';
import { MOST_CANDIDATES, type ActionVideoRow, type AdatadView } from './viewPayload';

/** Overlaps at which THUMOS14 counts a hit. */
export const OVERLAPS = [0.3, 0.4, 0.5, 0.6, 0.7] as const;
/** Where no detection finds an action there is no threshold to propose. */
const USUAL_THRESHOLD = 0.3;

function truthOf(videos: readonly Pick<OpenedActions, 'path' | 'truth'>[]): ActionsByVideo<Action> {
  return new Map(videos.map(({ path, truth }) => [path, truth]));
}

function judged(videos: readonly ScoredVideo[]) {
  const truth = truthOf(videos.map(({ opened }) => opened));
  const found = new Map(videos.map(({ opened, detections }) => [opened.path, detections]));
  return { map: actionMap(truth, found, OVERLAPS), best: bestThreshold(truth, found) };
}

/** Metrics by the names of the task, average precision by class and overlap, and the view. */
export function judge(
  videos: readonly ScoredVideo[],
  scored: ScoredWindows,
  classes: readonly string[],
  sigma: number,
): Evaluation {
  const of = (part: ScoredPart): ScoredVideo[] => videos.filter((one) => one.part === part);
  const [held, training] = [of('validation'), of('training')];
  const { map, best } = judged(held);
  const metrics = {
    'average mAP': map.average,
    ...Object.fromEntries(OVERLAPS.map((overlap, i) => [`mAP@${overlap}`, map.map[i]!])),
    F1: best?.f1 ?? 0,
    threshold: best?.score ?? USUAL_THRESHOLD,
    ...(training.length > 0 && { 'training average mAP': judged(training).map.average }),
  };
  const average = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  return {
    metrics,
    tables: {
      classes: Object.fromEntries([...map.perClass].map(([label, values]) => [label, average(values)])),
      overlap: Object.fromEntries(OVERLAPS.map((overlap, i) => [`tIoU ${overlap}`, map.map[i]!])),
    },
    view: viewOf(videos, scored, { classes, sigma }, map, best),
  };
}

function viewOf(
  videos: readonly ScoredVideo[],
  scored: ScoredWindows,
  said: Pick<AdatadView, 'classes' | 'sigma'>,
  map: ActionMap,
  best: ReturnType<typeof bestThreshold>,
): AdatadView {
  return {
    kind: 'adatad',
    ...said,
    overlaps: OVERLAPS,
    map: map.map,
    perClass: [...map.perClass].map(([label, precision]) => ({ label, precision })),
    threshold: best?.score ?? USUAL_THRESHOLD,
    best: best && { f1: best.f1, precision: best.precision, recall: best.recall },
    videos: videos.map(({ opened, part, windows }): ActionVideoRow => {
      const candidates = windows.flat().sort((a, b) => b.score - a.score);
      const { path, name, media, frames, clock, truth } = opened;
      return {
        ...{ path, name, media, part, durationSeconds: clock.durationSeconds, frames, truth },
        candidates: candidates.slice(0, MOST_CANDIDATES).map((one) => scored.named(one)),
      };
    }),
  };
}

/**
 * What a useful detector must beat, as average mAP on the videos to judge by: each class all the time, and each class
 * with its mean duration, one after the other, likelier where it is more frequent.
 */
export function actionBaselines(
  training: readonly OpenedActions[],
  held: readonly OpenedActions[],
): Record<string, number> {
  const durations = new Map<string, number[]>();
  for (const { label, segment } of training.flatMap(({ truth }) => truth))
    durations.set(label, [...(durations.get(label) ?? []), segment[1] - segment[0]]);
  const total = [...durations.values()].reduce((sum, { length }) => sum + length, 0);
  const rated = (stepOf: (durations: readonly number[], seconds: number) => number): number => {
    const found = new Map(
      held.map(({ path, clock: { durationSeconds } }) => [
        path,
        [...durations].flatMap(([label, own]) => {
          const step = Math.max(stepOf(own, durationSeconds), durationSeconds / 200);
          const count = Math.max(1, Math.round(durationSeconds / step));
          return Array.from({ length: count }, (_, i) => ({
            segment: [i * step, Math.min((i + 1) * step, durationSeconds)] as const,
            ...{ label, score: own.length / total },
          }));
        }),
      ]),
    );
    return actionMap(truthOf(held), found, OVERLAPS).average;
  };
  return {
    wholeVideo: rated((_, seconds) => seconds),
    meanDuration: rated((own) => own.reduce((sum, one) => sum + one, 0) / own.length),
  };
}
