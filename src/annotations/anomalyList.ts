// Reads a list of videos in JSON: one object per clip with label, anomalous frames and boxes in pixels.
import { UserError } from '../errors';
import { isList, isRecord, parseJson } from '../formats/json';
import type { DataProblem } from '../training/protocol';
import { nothingSaid, type AnomalyEntry, type FrameSpan } from './anomalyVideos';
import type { PixelBox } from './boxes';
import { finding } from './labelSet';
import { splitNamed } from './splits';

/**
 * Reads `[{"file", "label": 0 normal or 1 anomalous, "split"?, "kind"?, "frames"?, "fps"?, "anomaly_frames"?: [[start,
 * end)], "boxes"?: {frame: [x0, y0, x1, y1]}}]`.
 * @throws UserError `anomaly-list`, or with a code that starts with `json-`.
 */
export function parseAnomalyList(text: string, path: string): { entries: AnomalyEntry[]; unusable: DataProblem[] } {
  const root = parseJson(text, path);
  if (!isList(root))
    throw new UserError('anomaly-list', `This must be a list with one object per clip (${path})`, { path });
  const entries: AnomalyEntry[] = [];
  const unusable: DataProblem[] = [];
  for (const [i, value] of root.entries()) {
    const entry = readEntry(value);
    if (typeof entry !== 'string') entries.push(entry);
    else unusable.push(finding('anomaly-entry', `Clip ${i + 1} of the list: ${entry}`, path, { entry: i + 1 }));
  }
  return { entries, unusable };
}

function readEntry(value: unknown): AnomalyEntry | string {
  if (!isRecord(value)) return 'it must be an object';
  const { file, label, split, kind, frames, fps } = value;
  if (typeof file !== 'string' || file === '') return '"file" must name a video';
  if (label !== 0 && label !== 1) return '"label" must be 0 or 1';
  if (split !== undefined && splitNamed(split) === null) return '"split" must be train, val or test';
  if (!isOptionalCount(frames) || !isOptionalCount(fps)) return '"frames" and "fps" must be numbers above 0';
  const spans =
    value['anomaly_frames'] === undefined ? (label === 0 ? [] : null) : readSpans(value['anomaly_frames'], frames);
  if (spans === 'wrong') return '"anomaly_frames" must be a list of [start, end] within the clip';
  const boxes = readBoxes(value['boxes'] ?? {});
  if (boxes === null) return '"boxes" must give [x0, y0, x1, y1] in pixels for frame numbers';
  return {
    ...nothingSaid,
    name: file,
    split: splitNamed(split),
    className: label === 0 ? 'Normal' : typeof kind === 'string' && kind !== '' ? kind : 'Anomaly',
    abnormal: label === 1,
    spans,
    boxes,
    frames: frames ?? null,
    framesPerSecond: fps ?? null,
  };
}

function readSpans(value: unknown, frames: number | undefined): FrameSpan[] | 'wrong' {
  if (!isList(value)) return 'wrong';
  const spans: FrameSpan[] = [];
  for (const pair of value) {
    const [start, end] = isList(pair) ? pair : [];
    if (typeof start !== 'number' || typeof end !== 'number' || !Number.isInteger(start) || !Number.isInteger(end))
      return 'wrong';
    if (start < 0 || end <= start || end > (frames ?? Infinity)) return 'wrong';
    spans.push({ startFrame: start, endFrame: end });
  }
  return spans;
}

function readBoxes(value: unknown): Map<number, PixelBox> | null {
  if (!isRecord(value)) return null;
  const boxes = new Map<number, PixelBox>();
  for (const [frame, edges] of Object.entries(value)) {
    const [x0, y0, x1, y1] = isList(edges) && edges.length === 4 ? edges : [];
    if (!/^\d{1,9}$/.test(frame) || !isPixel(x0) || !isPixel(y0) || !isPixel(x1) || !isPixel(y1)) return null;
    if (x1 <= x0 || y1 <= y0) return null;
    boxes.set(Number(frame), { x0, y0, x1, y1 });
  }
  return boxes;
}

function isPixel(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 1e7;
}

function isOptionalCount(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value > 0 && value < 1e9);
}
