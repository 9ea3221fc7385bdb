// Metrics of scored videos: of frames, of whole videos, of stretches of time, and whether maps point at boxes.
import { frameLabels, frameScores, joined, repeated, type JudgedFrames, type Stretch } from '../../metrics/frameScores';
import { pointingGame, type PointedFrame } from '../../metrics/pointingGame';
import { stretchScores, stretchThresholds, type JudgedVideo } from '../../metrics/stretchAp';
import type { Metrics } from '../../training/protocol';
import { scoreKinds, type FgclipDataSettings, type ScoreKind } from './dataSettings';
import { shownScore, type ScoredPart, type VideoCurves } from './scoredWindows';

type JudgeSettings = Pick<FgclipDataSettings, 'score' | 'sampleEvery'>;

/** Frames of the part that the labels are about. */
function framesOf({ item: { range } }: VideoCurves): number {
  return range[1] - range[0];
}

/** When something happens, in frames after the first one of the part that is judged. */
export function spansWithin({ range, spans }: VideoCurves['item']): Stretch[] {
  const length = range[1] - range[0];
  return (spans ?? [])
    .map(([start, end]) => [Math.max(0, start - range[0]), Math.min(length, end - range[0])] as const)
    .filter(([start, end]) => end > start);
}

/** Score and label of each frame. */
export function judgedFrames(video: VideoCurves, score: Float32Array, every: number): JudgedFrames {
  const frames = framesOf(video);
  return {
    scores: repeated(score, every).subarray(0, frames),
    labels: frameLabels(frames, spansWithin(video.item)),
  };
}

/** Frame AUC of some videos; NaN where a label is absent. Videos whose spans nobody knows do not count. */
function frameAuc(videos: readonly VideoCurves[], kind: ScoreKind, every: number): number {
  const known = videos.filter(({ item, scores }) => item.spans !== null && (scores[kind] ?? scores.text) !== undefined);
  return frameScores(joined(known.map((one) => judgedFrames(one, shownScore(one, kind), every)))).auc ?? NaN;
}

/** Metrics by the names of the task. What is undefined, where a label is absent, is NaN and never counts as best. */
export function metricsOf(
  curves: readonly VideoCurves[],
  classes: readonly string[],
  { score, sampleEvery: every }: JudgeSettings,
): Metrics {
  const of = (part: ScoredPart): VideoCurves[] => curves.filter((one) => one.part === part);
  const judged = of('validation');
  const known = judged.filter(({ item }) => item.spans !== null);
  const pick = (videos: readonly VideoCurves[]) =>
    frameScores(joined(videos.map((one) => judgedFrames(one, shownScore(one, score), every))));
  const [all, abnormal] = [pick(known), pick(known.filter(({ item }) => item.abnormal))];
  const video = frameScores({
    scores: judged.map((one) => Math.max(...shownScore(one, score))),
    labels: judged.map(({ item }) => Number(item.abnormal)),
  });
  const stretches = stretchScores(
    known.map((one) => judgedStretches(one, classes, every)),
    classes.length,
  );
  const others = scoreKinds
    .filter((kind) => judged.some(({ scores }) => scores[kind] !== undefined))
    .map((kind) => [`frame AUC, ${kind}`, frameAuc(judged, kind, every)] as const);
  const trained = of('training');
  return {
    'frame AUC': all.auc ?? NaN,
    'frame AP': all.averagePrecision ?? NaN,
    AnoAUC: abnormal.auc ?? NaN,
    AnoAP: abnormal.averagePrecision ?? NaN,
    'video AUC': video.auc ?? NaN,
    'average mAP': stretches.average,
    ...Object.fromEntries(stretchThresholds.map((at, k) => [`mAP@${at}`, stretches.perThreshold[k]!])),
    'pointing game': pointingGame(judged.flatMap((one) => pointedFrames(one))) ?? NaN,
    ...Object.fromEntries(others),
    ...(trained.length > 0 && { 'training frame AUC': frameAuc(trained, score, every) }),
  };
}

/** Frame AUC within the videos of each class; left out where a class has one label only. */
export function aucByClass(
  curves: readonly VideoCurves[],
  { score, sampleEvery }: JudgeSettings,
): Readonly<Record<string, number>> {
  const judged = curves.filter(({ part }) => part === 'validation');
  const names = [...new Set(judged.map(({ item }) => item.className))].sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const auc = frameAuc(
        judged.filter(({ item }) => item.className === name),
        score,
        sampleEvery,
      );
      return Number.isNaN(auc) ? [] : [[name, auc] as const];
    }),
  );
}

function judgedStretches(one: VideoCurves, classes: readonly string[], every: number): JudgedVideo {
  const category = Math.max(0, classes.indexOf(one.item.className));
  const frames = framesOf(one);
  const spans: readonly Stretch[] = one.item.abnormal ? spansWithin(one.item) : [[0, frames]];
  return {
    frames,
    at: (frame, which) => one.classes[Math.floor(frame / every) * classes.length + which]!,
    truth: spans.map((stretch) => ({ category, stretch })),
  };
}

/** Samples in which a box is given, with the map of their places. */
export function pointedFrames({ item, samples, places }: VideoCurves): PointedFrame[] {
  const patches = places.length / samples.length;
  const side = Math.sqrt(patches);
  if (!item.abnormal) return [];
  return samples.flatMap((frame, k) => {
    const boxes = item.regions.flatMap(({ extent, boxAt }) => {
      const box = extent === null ? null : boxAt(frame);
      return box ? [box] : [];
    });
    const heat = places.subarray(k * patches, (k + 1) * patches);
    return boxes.length > 0 ? [{ heat, rows: side, columns: side, boxes }] : [];
  });
}
