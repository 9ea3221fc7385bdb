// Reads the three JSON formats in which FG-CLIP's video variant keeps captions, regions and key frames.
import { UserError } from '../errors';
import { isList, isRecord, parseJson } from '../formats/json';
import type { DataProblem } from './dataReport';
import { classOfName, nothingSaid, type AnomalyEntry, type CaptionedRegion, type KeyFrame } from './anomalyVideos';
import { readEntries, wrongField } from './entries';
import { finding } from './labelSet';
import { splitNamed } from './splits';

interface CaptionedEntries {
  readonly entries: readonly AnomalyEntry[];
  /** One for each entry that cannot be used. */
  readonly unusable: readonly DataProblem[];
  readonly notices: readonly DataProblem[];
}

/**
 * Reads a list or object in one of three formats, entry by entry:
 * - `{f_path, global_caption, bbox_info: [{caption, start_frame, end_frame, keyframes: [{frame, bbox, enabled?}]}]}`
 * - `{video, global_caption, region_captions, box_infos: [[{frame, bbox}]], timestamps: [s, s] or null}`
 * - by file name `{global: {Caption}, region: [{caption or Caption, keyframes?}]}`
 *
 * `bbox` is [x1, y1, x2, y2] in 0..1. A video is abnormal when a region of it has key frames, in the last format also
 * when its name says so.
 * @throws UserError `captions-format`, or with a code that starts with `json-`.
 */
export function parseCaptionedVideos(text: string, path: string): CaptionedEntries {
  const root = parseJson(text, path);
  if (!isList(root) && !isRecord(root))
    throw new UserError(
      'captions-format',
      `This must be a list of captioned videos, or an object by file name (${path})`,
      {
        path,
      },
    );
  const named: (readonly [string | null, unknown])[] = isList(root)
    ? root.map((value) => [null, value] as const)
    : Object.entries(root);
  const seen = new Set<string>();
  const read = ([key, value]: readonly [string | null, unknown]): AnomalyEntry => {
    const entry = readEntry(key, value);
    if (seen.has(entry.name)) throw wrongField(entry.name.slice(0, 80), 'was named before');
    seen.add(entry.name);
    return entry;
  };
  const keyPathOf = ([key]: readonly [string | null, unknown], place: number): string => key ?? `[${place}]`;
  const { entries, unusable } = readEntries(named, 'captions-entry', path, read, root, keyPathOf);
  const notices: DataProblem[] = [];
  if (entries.length > 0 && entries.every(({ abnormal }) => abnormal))
    notices.push(
      finding('captions-all-abnormal', 'Every video is abnormal: no normal class can be learnt or scored', path),
    );
  return { entries, unusable, notices };
}

function readEntry(key: string | null, value: unknown): AnomalyEntry {
  if (!isRecord(value)) throw wrongField('video', 'must stand in an object');
  const { split, timestamps } = value;
  const name = key ?? value['f_path'] ?? value['video'];
  if (typeof name !== 'string' || name === '') throw wrongField('video', 'or "f_path" must name a video');
  const global = isRecord(value['global']) ? (value['global']['Caption'] ?? value['global']['caption']) : undefined;
  const caption = value['global_caption'] ?? global;
  if (typeof caption !== 'string' || caption.trim() === '') throw wrongField('global_caption', 'must be a text');
  const [startSeconds, endSeconds] = readTimestamps(timestamps);
  const regions = isList(value['region_captions'])
    ? pairUp(value['region_captions'], value['box_infos'])
    : readRegions(value['bbox_info'] ?? value['region'] ?? []);
  // The old format may have no key frames at all: there the name tells.
  const told = classOfName(name);
  const abnormal = regions.some(({ keyFrames }) => keyFrames.length > 0) || (key !== null && told !== 'Normal');
  const spans = abnormal ? null : [];
  const className = abnormal ? (told === 'Normal' ? 'Anomaly' : told) : 'Normal';
  return {
    ...nothingSaid,
    name,
    split: splitNamed(split),
    className,
    abnormal,
    spans,
    caption,
    regions,
    startSeconds,
    endSeconds,
  };
}

function readRegions(list: unknown): CaptionedRegion[] {
  if (!isList(list)) throw wrongField('region', 'or "bbox_info" must be a list');
  return list.map((region, i) => {
    if (!isRecord(region)) throw wrongField('region', `must hold objects; number ${i + 1} is none`);
    const keyFrames = readKeyFrames(region['keyframes'] ?? [], i);
    return { caption: captionOf(region['caption'] ?? region['Caption'], i), keyFrames };
  });
}

/** The second format keeps captions and boxes in two lists of equal length. */
function pairUp(captions: readonly unknown[], boxes: unknown): CaptionedRegion[] {
  const lists = boxes ?? [];
  if (!isList(lists) || (lists.length > 0 && lists.length !== captions.length))
    throw wrongField('box_infos', 'must have one list for each of "region_captions"');
  return captions.map((caption, i) => ({
    caption: captionOf(caption, i),
    keyFrames: readKeyFrames(lists[i] ?? [], i),
  }));
}

function captionOf(value: unknown, i: number): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw wrongField('caption', `of region ${i + 1} must be a text`);
  return value;
}

function readKeyFrames(list: unknown, i: number): KeyFrame[] {
  if (!isList(list)) throw wrongField('keyframes', `of region ${i + 1} must be a list`);
  const keyFrames = list.map((value) => {
    const { frame, bbox, enabled } = isRecord(value) ? value : {};
    const [x0, y0, x1, y1] = isList(bbox) && bbox.length === 4 ? bbox : [];
    const what = `a key frame of region ${i + 1}`;
    if (!isFrame(frame)) throw wrongField('frame', `of ${what} must be a whole number`);
    if (!isShare(x0) || !isShare(y0) || !isShare(x1) || !isShare(y1) || x1 <= x0 || y1 <= y0)
      throw wrongField('bbox', `of ${what} must be [x1, y1, x2, y2] between 0 and 1`);
    return { frame, x0, y0, x1, y1, enabled: enabled !== false };
  });
  return keyFrames.sort((a, b) => a.frame - b.frame);
}

function readTimestamps(value: unknown): readonly [number, number] | readonly [null, null] {
  if (value === undefined || value === null) return [null, null];
  const [start, end] = isList(value) ? value : [];
  if (typeof start !== 'number' || typeof end !== 'number' || !(start >= 0 && end > start))
    throw wrongField('timestamps', 'must be [start, end] in seconds, or null');
  return [start, end];
}

function isFrame(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A little beyond the image is rounding. */
function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= -0.01 && value <= 1.01;
}
