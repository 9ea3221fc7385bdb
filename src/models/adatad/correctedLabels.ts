// Corrections of found actions as a label file: for keeping, and for the data of the next run.
import type { DataFile } from '../../formats/dataFile';
import type { Action } from '../../metrics/tadMap';
import { labelsJson, type LabelledActions } from './actionFiles';
import type { ActionVideoRow } from './viewPayload';

/** What a person says of one video. */
interface CorrectedActions {
  readonly marks: readonly Action[];
  readonly use: LabelledActions['subset'];
}

/** Under which a video's corrections are kept: videos of one path and length are the same video. */
export function correctionName({ path, durationSeconds }: Pick<ActionVideoRow, 'path' | 'durationSeconds'>): string {
  return `${path} ${durationSeconds.toFixed(2)}`;
}

/** What counts for these videos instead of what other labels say: `annotations/corrections` reads it. */
export function correctionsFile(
  videos: readonly ActionVideoRow[],
  correctedOf: (video: ActionVideoRow) => CorrectedActions,
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
