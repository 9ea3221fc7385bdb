// Labels of stretches of time as a file: ActivityNet's JSON, as `activityNet.ts` reads it.

export interface LabelledSegment {
  /** Start and end in seconds. */
  readonly segment: readonly [number, number];
  readonly label: string;
}

export interface LabelledActions {
  readonly subset: 'training' | 'validation';
  readonly durationSeconds: number;
  /** Of the video; OpenTAD counts segments in them. */
  readonly frames: number;
  readonly actions: readonly LabelledSegment[];
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
