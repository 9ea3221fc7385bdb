// Found actions as a file: ActivityNet's JSON.
import type { DetectedAction } from '../../metrics/tadMap';

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
