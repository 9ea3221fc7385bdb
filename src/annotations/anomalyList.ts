// Reads a list of videos in JSON: one object per clip with label, anomalous frames and boxes in pixels.
import { UserError } from '../errors';
import { isList, isRecord, parseJson } from '../formats/json';
import type { DataProblem } from './dataReport';
import { nothingSaid, type AnomalyEntry, type FrameSpan } from './anomalyVideos';
import type { PixelBox } from './boxes';
import { optionalNumber, readEntries, wrongField } from './entries';
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
  return readEntries(root, 'anomaly-entry', path, readEntry);
}

function readEntry(value: unknown): AnomalyEntry {
  if (!isRecord(value)) throw wrongField('file', 'must stand in an object');
  const { file, label, split, kind } = value;
  const frames = optionalNumber(value['frames']);
  const fps = optionalNumber(value['fps']);
  if (typeof file !== 'string' || file === '') throw wrongField('file', 'must name a video');
  if (label !== 0 && label !== 1) throw wrongField('label', 'must be 0 or 1');
  if (split !== undefined && splitNamed(split) === null) throw wrongField('split', 'must be train, val or test');
  if (!isOptionalCount(frames) || !isOptionalCount(fps))
    throw wrongField('frames', 'and "fps" must be numbers above 0');
  const spans =
    value['anomaly_frames'] === undefined ? (label === 0 ? [] : null) : readSpans(value['anomaly_frames'], frames);
  const boxes = readBoxes(value['boxes'] ?? {});
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

function readSpans(value: unknown, frames: number | undefined): FrameSpan[] {
  const wrong = () => wrongField('anomaly_frames', 'must be a list of [start, end] within the clip');
  if (!isList(value)) throw wrong();
  const spans: FrameSpan[] = [];
  for (const pair of value) {
    const [start, end] = isList(pair) ? pair : [];
    if (typeof start !== 'number' || typeof end !== 'number' || !Number.isInteger(start) || !Number.isInteger(end))
      throw wrong();
    if (start < 0 || end <= start || end > (frames ?? Infinity)) throw wrong();
    spans.push({ startFrame: start, endFrame: end });
  }
  return spans;
}

function readBoxes(value: unknown): Map<number, PixelBox> {
  const wrong = () => wrongField('boxes', 'must give [x0, y0, x1, y1] in pixels for frame numbers');
  if (!isRecord(value)) throw wrong();
  const boxes = new Map<number, PixelBox>();
  for (const [frame, edges] of Object.entries(value)) {
    const [x0, y0, x1, y1] = isList(edges) && edges.length === 4 ? edges : [];
    if (!/^\d{1,9}$/.test(frame) || !isPixel(x0) || !isPixel(y0) || !isPixel(x1) || !isPixel(y1)) throw wrong();
    if (x1 <= x0 || y1 <= y0) throw wrong();
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
