// Found actions as files: ActivityNet's JSON, a table, and titles for a player.
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

/** One line per action under a header; seconds. */
export function actionsCsv(detected: Detected): string {
  const lines = [...detected].flatMap(([video, actions]) =>
    actions.map(({ segment: [start, end], label, score }) => [quoted(video), start, end, quoted(label), score].join()),
  );
  return ['video,start,end,label,score', ...lines, ''].join('\r\n');
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** WebVTT of one video: a title for each action while it lasts, in the order of time. */
export function actionsVtt(actions: readonly DetectedAction[]): string {
  const titles = [...actions]
    .sort((a, b) => a.segment[0] - b.segment[0])
    .map(({ segment: [start, end], label, score }) => {
      const shown = label.replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark]!);
      return `${clock(start)} --> ${clock(end)}\n${shown.replaceAll(/\s+/g, ' ')} ${Math.round(100 * score)} %`;
    });
  return `${['WEBVTT', ...titles].join('\n\n')}\n`;
}

/** 01:02:03.456 */
function clock(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (unit: number, of: number, digits: number): string =>
    String(Math.floor(milliseconds / unit) % of).padStart(digits, '0');
  return `${part(3_600_000, Infinity, 2)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
