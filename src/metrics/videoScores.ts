// From the scores of clips to one score per video.
import { soundScore } from './binaryScores';
import type { Judged } from './rocCurve';

export interface JudgedClip extends Judged {
  /** Which video it is from, by its path. */
  readonly video: string;
}

export type VideoPooling = 'mean' | 'max';

/** One entry per video in the order of first appearance: the mean (or largest) of its clips' scores, their label. */
export function videoScores(clips: readonly JudgedClip[], pooling: VideoPooling = 'mean'): JudgedClip[] {
  const byVideo = new Map<string, JudgedClip[]>();
  for (const clip of clips) {
    const others = byVideo.get(clip.video);
    if (others) others.push(clip);
    else byVideo.set(clip.video, [clip]);
  }
  return [...byVideo].map(([video, own]) => {
    const scores = own.map(({ score }) => soundScore(score));
    const score = pooling === 'max' ? Math.max(...scores) : scores.reduce((sum, one) => sum + one, 0) / scores.length;
    return { video, score, positive: own.at(-1)!.positive };
  });
}
