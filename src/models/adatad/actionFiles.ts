// Actions as files: ActivityNet's JSON for results and for labels.
import type { Action, DetectedAction } from '../../metrics/tadMap';

/** Actions by the name of their video. */
export type Detected = ReadonlyMap<string, readonly DetectedAction[]>;

/** What ActivityNet's evaluation and OpenTAD's read: `results` by video, best first. */
export function resultsJson(detected: Detected): string {
  const results = Object.fromEntries(
    [...detected].map(([video, actions]) => [
      video,
      actions.map(({ segment, label, score }) => ({ segment, label, score })),
    ]),
  );
  return JSON.stringify({ version: 'tabtune', results, external_data: {} }, null, 1);
}

export interface LabelledActions {
  readonly subset: 'training' | 'validation';
  readonly durationSeconds: number;
  /** Of the video; OpenTAD counts segments in them. */
  readonly frames: number;
  readonly actions: readonly Action[];
}

/**
 * Labels to train on, as `parseActivityNet` reads them; actions in the order of time. Corrections count instead of what
 * other labels beside them say of the same videos.
 */
export function labelsJson(videos: ReadonlyMap<string, LabelledActions>, corrects = false): string {
  const database = Object.fromEntries(
    [...videos].map(([video, { subset, durationSeconds, frames, actions }]) => [
      video,
      {
        ...{ subset, duration: durationSeconds, frame: frames },
        annotations: [...actions]
          .sort((a, b) => a.segment[0] - b.segment[0])
          .map(({ segment, label }) => ({ segment, label })),
      },
    ]),
  );
  return JSON.stringify({ version: 'tabtune', ...(corrects && { corrects }), database }, null, 1);
}
