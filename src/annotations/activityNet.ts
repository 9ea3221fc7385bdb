// Reads temporal action labels in ActivityNet's JSON: THUMOS14 as OpenTAD and ActionFormer keep it, and one's own.
import { UserError } from '../errors';
import { isList, isRecord, notNumberAt, parseJson } from '../formats/json';
import { splitLines } from '../formats/lines';
import type { DataProblem } from './dataReport';
import { optionalNumber } from './entries';
import { finding, type Split } from './labelSet';
import { splitNamed } from './splits';

export interface ActionSegment {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly label: string;
}

/** One entry of the database; its video may or may not be there. */
export interface ActionEntry {
  readonly name: string;
  /** The video's file name, where the entry gives one. */
  readonly file: string | null;
  readonly split: Split;
  /** Null where the labels do not say. */
  readonly durationSeconds: number | null;
  /** From `frame`, else from duration and `fps`, else null. */
  readonly frames: number | null;
  readonly segments: readonly ActionSegment[];
}

export interface ActivityNet {
  readonly entries: readonly ActionEntry[];
  /** One for each entry that cannot be used, `path` being its name. */
  readonly unusable: readonly DataProblem[];
  readonly notices: readonly DataProblem[];
  /** The order that the file gives, else the labels sorted. */
  readonly classes: readonly string[];
}

/** THUMOS14's label for what is not to be learnt; OpenTAD leaves it out. */
const ambiguous = 'Ambiguous';

/**
 * Reads `{"database": {video: {"subset", "duration" [s], "frame"?, "fps"?, "file"?, "annotations": [{"segment": [s, s],
 * "label"}]}}, "classes"?}`. Equal instances are kept once and "Ambiguous" is left out, as OpenTAD does.
 * @param classList lines of `classes.txt` or `category_idx.txt`, or null.
 * @throws UserError `activitynet-database`, or with a code that starts with `json-`.
 */
export function parseActivityNet(text: string, path: string, classList: string | null = null): ActivityNet {
  const root = parseJson(text, path);
  const database = isRecord(root) ? root['database'] : null;
  if (!isRecord(root) || !isRecord(database) || Object.keys(database).length === 0)
    throw new UserError('activitynet-database', `The object "database" with one entry per video is missing (${path})`, {
      path,
    });
  const wanted = classList === null ? textsOf(root['classes']) : linesOf(classList);
  const notices: DataProblem[] = [];
  const unusable: DataProblem[] = [];
  const entries: ActionEntry[] = [];
  const splitOf = subsetNames(database, path, notices);
  for (const [name, value] of Object.entries(database)) {
    const entry = readEntry(name, value, root, splitOf, wanted, notices);
    if ('code' in entry) unusable.push(entry);
    else entries.push(entry);
  }
  const labels = new Set(entries.flatMap(({ segments }) => segments.map(({ label }) => label)));
  return { entries, unusable, notices, classes: wanted.length > 0 ? wanted : [...labels].sort() };
}

/**
 * First and last frame of a segment, truncated to whole frames as OpenTAD does; null where the labels do not say how
 * many frames there are, or how long they last.
 */
export function segmentFrames(
  { startSeconds, endSeconds }: ActionSegment,
  { durationSeconds, frames }: Pick<ActionEntry, 'durationSeconds' | 'frames'>,
): readonly [number, number] | null {
  if (frames === null || durationSeconds === null) return null;
  const frameAt = (seconds: number): number => Math.trunc((seconds / durationSeconds) * frames);
  return [frameAt(startSeconds), frameAt(endSeconds)];
}

/**
 * ActivityNet says training and validation. THUMOS14 trains on what it calls Validation and is judged on Test: so it
 * is where nothing is called training.
 */
function subsetNames(
  database: Record<string, unknown>,
  path: string,
  notices: DataProblem[],
): (subset: unknown) => Split | null {
  const names = new Set(Object.values(database).map((entry) => (isRecord(entry) ? splitNamed(entry['subset']) : null)));
  if (names.has('train') || !names.has('val') || !names.has('test')) return splitNamed;
  notices.push(
    finding(
      'activitynet-thumos',
      'Nothing is called training: "Validation" trains and "Test" validates, as in THUMOS14',
      path,
    ),
  );
  const turned: Readonly<Record<Split, Split>> = { train: 'train', val: 'train', test: 'val' };
  return (subset) => {
    const split = splitNamed(subset);
    return split === null ? null : turned[split];
  };
}

function readEntry(
  name: string,
  value: unknown,
  root: unknown,
  splitOf: (subset: unknown) => Split | null,
  classes: readonly string[],
  notices: DataProblem[],
): ActionEntry | DataProblem {
  const refuse = (field: string, what: string): DataProblem =>
    finding('activitynet-field', `"${field}" of this video ${what}`, name, { field });
  if (!isRecord(value)) return refuse('database', 'must be an object');
  const { subset, file, annotations } = value;
  const frame = optionalNumber(value['frame']);
  const fps = optionalNumber(value['fps']);
  // Of a length that is not known the video's own frames tell more.
  const unknown = typeof value['duration'] === 'number' ? notNumberAt(root, `database.${name}.duration`) : null;
  const duration = unknown === null ? value['duration'] : null;
  if (unknown !== null)
    notices.push(finding('activitynet-duration', `The length of this video is left open, ${unknown}`, name));
  const split = splitOf(subset);
  if (split === null) return refuse('subset', 'must be training, validation or test');
  if (duration !== null && !isPositive(duration)) return refuse('duration', 'must be a number of seconds above 0');
  if (frame !== undefined && !(isPositive(frame) && Number.isInteger(frame)))
    return refuse('frame', 'must be a whole number of frames');
  if (fps !== undefined && !isPositive(fps)) return refuse('fps', 'must be a number of frames per second');
  if (file !== undefined && typeof file !== 'string') return refuse('file', 'must be a file name');
  if (!isList(annotations)) return refuse('annotations', 'must be a list');

  const segments: ActionSegment[] = [];
  const kept = new Set<string>();
  const dropped: string[] = [];
  for (const [i, item] of annotations.entries()) {
    const segment = readSegment(item, duration ?? Infinity, classes);
    if (typeof segment === 'string') {
      const why = notNumberAt(root, `database.${name}.annotations[${i}].segment`);
      dropped.push(`instance ${i + 1} ${segment}${why === null ? '' : `, ${why}`}`);
    } else if (segment !== null && !kept.has(JSON.stringify(segment))) {
      kept.add(JSON.stringify(segment));
      segments.push(segment);
    }
  }
  if (annotations.length > 0 && segments.length === 0 && dropped.length > 0)
    return finding('activitynet-segments', `No instance of this video is usable: ${dropped[0]!}`, name, {
      dropped: dropped.length,
    });
  if (dropped.length > 0) {
    const what = `${dropped.length} of ${annotations.length} instances of this video are left out: ${dropped[0]!}`;
    notices.push(finding('activitynet-segment', what, name, { dropped: dropped.length, of: annotations.length }));
  }
  const frames = frame ?? (fps === undefined || duration === null ? null : Math.round(duration * fps));
  return { name, file: file ?? null, split, durationSeconds: duration, frames, segments };
}

/** The segment, null where it is to be left out without a word, or what is wrong with it. */
function readSegment(item: unknown, duration: number, classes: readonly string[]): ActionSegment | null | string {
  if (!isRecord(item)) return 'is not an object';
  const { segment, label } = item;
  if (typeof label !== 'string' || label === '') return 'has no "label"';
  if (label === ambiguous) return null;
  if (classes.length > 0 && !classes.includes(label))
    return `has the label "${label.slice(0, 40)}", which is not in the class list`;
  if (!isList(segment) || segment.length !== 2) return 'has no "segment" of two numbers';
  const [start, end] = segment;
  if (!isTime(start) || !isTime(end)) return 'has no "segment" of two numbers';
  if (end <= start) return `ends at ${end} s, before it starts`;
  if (start >= duration) return `starts at ${start} s, after the video has ended`;
  return { startSeconds: start, endSeconds: end, label };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

function textsOf(value: unknown): string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : [];
}

function linesOf(text: string): string[] {
  return splitLines(text)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
