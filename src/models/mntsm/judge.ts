// Metrics of scored clips, by clip and by video (spec section 11).
import { binaryScores, type BinaryScores } from '../../metrics/binaryScores';
import { videoScores, type JudgedClip } from '../../metrics/videoScores';
import type { Metrics } from '../../training/protocol';
import type { ClipScore, ScoredPart } from './scoredClips';

export interface Judgement {
  readonly clip: BinaryScores;
  readonly video: BinaryScores;
  /** By path, in the order of the clips. */
  readonly videos: readonly JudgedClip[];
}

/** How well the clips of one part were told apart, each by itself and averaged over its video. */
export function judgePart(scores: readonly ClipScore[], part: ScoredPart, threshold: number): Judgement {
  const clips = scores
    .filter((one) => one.part === part)
    .map(({ face, score }) => ({ video: face.path, score, positive: face.manipulated }));
  const videos = videoScores(clips);
  return { clip: binaryScores(clips, threshold), video: binaryScores(videos, threshold), videos };
}

/** Metrics by the names of the task; what is undefined, where a class is absent, is NaN and never counts as best. */
export function metricsOf(scores: readonly ClipScore[], threshold: number): Metrics {
  const { clip, video } = judgePart(scores, 'validation', threshold);
  const others = (['training', 'test'] as const)
    .filter((part) => scores.some((one) => one.part === part))
    .map((part) => [`${part} video AUC`, judgePart(scores, part, threshold).video.auc ?? NaN] as const);
  return {
    'video AUC': video.auc ?? NaN,
    'clip AUC': clip.auc ?? NaN,
    'video AP': video.averagePrecision ?? NaN,
    'clip AP': clip.averagePrecision ?? NaN,
    'video EER': video.equalErrorRate ?? NaN,
    'clip EER': clip.equalErrorRate ?? NaN,
    'video F1': video.f1,
    'clip F1': clip.f1,
    'video accuracy': video.accuracy,
    'clip accuracy': clip.accuracy,
    'video balanced accuracy': video.balancedAccuracy ?? NaN,
    'clip balanced accuracy': clip.balancedAccuracy ?? NaN,
    ...Object.fromEntries(others),
  };
}

/** Video AUC of each kind of manipulation against all real videos. */
export function aucByKind(scores: readonly ClipScore[]): Readonly<Record<string, number>> {
  const held = scores.filter(({ part }) => part === 'validation');
  const kinds = new Set(held.filter(({ face }) => face.manipulated).map(({ face }) => face.kind));
  return Object.fromEntries(
    [...kinds].sort().map((kind) => {
      const some = held.filter(({ face }) => !face.manipulated || face.kind === kind);
      return [kind, judgePart(some, 'validation', 0.5).video.auc ?? NaN];
    }),
  );
}
