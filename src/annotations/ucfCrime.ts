// Reads UCF-Crime's texts: the frame intervals of the test videos, and the lists of a split.
// Format: VadCLIP's list/Temporal_Anomaly_Annotation.txt and the data set's Anomaly_Train.txt (read 2026-11-20).
import { UserError } from '../errors';
import { splitLines } from '../formats/lines';
import type { DataProblem } from './dataReport';
import { classOfName, nothingSaid, type AnomalyEntry } from './anomalyVideos';
import { finding } from './labelSet';

/** Name, class, and two intervals of frames, -1 for none. */
const annotationLine = /^(\S+)\s+([A-Za-z_]+)\s+(-?\d{1,9})\s+(-?\d{1,9})\s+(-?\d{1,9})\s+(-?\d{1,9})$/;
/** With more broken lines than this it is another file. */
const mostBrokenLines = 100;
const longestLine = 1000;
/** A class and a video, as the lists have it. */
const listLine = /^[\w-]+\/[^/\s][^/]*\.\w{2,4}$/;

export function looksLikeUcfAnnotation(text: string): boolean {
  return annotationLine.test(firstLine(text));
}

export function looksLikeUcfList(text: string): boolean {
  return listLine.test(firstLine(text));
}

interface UcfEntries {
  readonly entries: readonly AnomalyEntry[];
  /** One for each line that cannot be used. */
  readonly unusable: readonly DataProblem[];
}

/**
 * The intervals of each video: start included, end excluded, in frames of the video's own rate. These are the videos
 * of the test.
 * @throws UserError `ucf-format` when more than a hundred lines are broken.
 */
export function parseUcfAnnotation(text: string, path: string): UcfEntries {
  const seen = new Set<string>();
  return readLines(text, path, (line) => {
    const match = annotationLine.exec(line);
    if (match === null) return 'must be: name, class, start, end, start, end (-1 for none)';
    const name = match[1]!;
    const [start1, end1, start2, end2] = match.slice(3).map(Number) as [number, number, number, number];
    const pairs: (readonly [number, number])[] = [
      [start1, end1],
      [start2, end2],
    ];
    const given = pairs.filter(([start, end]) => start !== -1 || end !== -1);
    if (given.some(([start, end]) => start < 0 || end <= start)) return 'has an interval that ends before it starts';
    if (seen.has(name)) return `names ${name.slice(0, 80)} again`;
    seen.add(name);
    const className = /^normal/i.test(match[2]!) ? 'Normal' : match[2]!;
    const spans = given.map(([startFrame, endFrame]) => ({ startFrame, endFrame }));
    return { ...nothingSaid, name, split: 'test', className, abnormal: className !== 'Normal', spans };
  });
}

/**
 * The videos of `Anomaly_Train.txt` or `Anomaly_Test.txt`, one a line; the class is told by the name.
 * @throws UserError `ucf-format` when more than a hundred lines are broken.
 */
export function parseUcfList(text: string, path: string, split: 'train' | 'test'): UcfEntries {
  const seen = new Set<string>();
  return readLines(text, path, (name) => {
    if (!listLine.test(name)) return 'must be a class and a video: Abuse/Abuse001_x264.mp4';
    if (seen.has(name)) return `names ${name.slice(0, 80)} again`;
    seen.add(name);
    const className = classOfName(name);
    const abnormal = className !== 'Normal';
    return { ...nothingSaid, name, split, className, abnormal, spans: abnormal ? null : [] };
  });
}

/** Reads line by line; `read` gives the entry, or what is wrong in the middle of a sentence. */
function readLines(text: string, path: string, read: (line: string) => AnomalyEntry | string): UcfEntries {
  const entries: AnomalyEntry[] = [];
  const unusable: DataProblem[] = [];
  const lines = splitLines(text);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === '') continue;
    const entry = line.length > longestLine ? 'is longer than any path' : read(line);
    if (typeof entry !== 'string') entries.push(entry);
    else if (unusable.length < mostBrokenLines)
      unusable.push(finding('ucf-line', `Line ${i + 1} ${entry}`, path, { line: i + 1 }));
    else
      throw new UserError(
        'ucf-format',
        `More than ${mostBrokenLines} lines are broken; line ${i + 1} ${entry} (${path}, line ${i + 1})`,
        { path, line: i + 1 },
      );
  }
  return { entries, unusable };
}

function firstLine(text: string): string {
  return /^\s*(\S[^\r\n]*)/.exec(text.slice(0, 2000))?.[1]?.trim() ?? '';
}
