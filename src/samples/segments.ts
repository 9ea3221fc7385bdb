// Labelled segments on a grid of snippets: from seconds to whole frames, and which of them a window keeps.

/** [start, end]; the unit is said where it is used. */
export type Segment = readonly [number, number];

export interface LabelledSegment {
  readonly segment: Segment;
  readonly label: number;
}

/**
 * Seconds to frames as OpenTAD does it: truncated to whole frames, exact duplicates dropped.
 * `frames` and `durationSeconds` are the label file's own, so that its rate holds.
 */
export function segmentsInFrames(
  annotations: readonly LabelledSegment[],
  frames: number,
  durationSeconds: number,
): LabelledSegment[] {
  const seen = new Set<string>();
  const result: LabelledSegment[] = [];
  for (const { segment, label } of annotations) {
    const key = `${segment[0]} ${segment[1]} ${label}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const inFrames = (seconds: number) => Math.trunc((seconds / durationSeconds) * frames);
    result.push({ segment: [inFrames(segment[0]), inFrames(segment[1])], label });
  }
  return result;
}

/** Share of a segment that lies inside [from, to]; 0 for one without length. */
export function completeness([start, end]: Segment, from: number, to: number): number {
  const length = end - start;
  return length > 0 ? Math.max(0, Math.min(end, to) - Math.max(start, from)) / length : 0;
}
