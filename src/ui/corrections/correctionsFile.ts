// Corrected segments as a label file: for keeping, and for the data of the next run.
import { labelsJson } from '../../annotations/segmentLabels';
import type { DataFile } from '../../formats/dataFile';
import type { Corrected } from './marks';
import type { SegmentMark } from './segmentEdits';

/** A video that a view shows. */
export interface CorrectedVideo {
  /** Path among the chosen files. */
  readonly path: string;
  readonly durationSeconds: number;
  /** Of the whole video. */
  readonly frames: number;
}

/** Under which a video's corrections are kept: videos of one path and length are the same video. */
export function correctionName({ path, durationSeconds }: Omit<CorrectedVideo, 'frames'>): string {
  return `${path} ${durationSeconds.toFixed(2)}`;
}

/** What counts for these videos instead of what other labels say: `annotations/corrections` reads it. */
export function correctionsFile<Video extends CorrectedVideo>(
  videos: readonly Video[],
  correctedOf: (video: Video) => Pick<Corrected<SegmentMark>, 'marks' | 'use'>,
): DataFile {
  const labels = new Map(
    videos.map((video) => {
      const { marks, use } = correctedOf(video);
      const { path, durationSeconds, frames } = video;
      return [path, { subset: use, durationSeconds, frames, actions: marks }] as const;
    }),
  );
  const text = labelsJson(labels, true);
  // With its date, by which the next run knows that it is another file.
  return { path: 'corrections.json', blob: new File([text], 'corrections.json', { type: 'application/json' }) };
}
