// Tells by content which label formats a folder holds.
import { UserError } from '../errors';
import { isList, isRecord } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import { correctionOf } from './corrections';
import { isPairList, looksLikeFaceFolders } from './faceForensics';
import { looksLikeFaceFrames } from './faceFrames';
import type { Folder } from './folder';
import { looksLikeSegmentTable } from './segmentTable';
import { looksLikeUcfAnnotation, looksLikeUcfList } from './ucfCrime';

/** In the order of preference where a folder holds several. */
export const labelFormats = [
  'activitynet',
  'segment-table',
  'voc',
  'coco',
  'captions',
  'anomaly-list',
  'ucf-crime',
  'face-list',
  'face-folders',
  'face-frames',
  'bvh',
  'human36m',
] as const;
export type LabelFormat = (typeof labelFormats)[number];

/** Formats of which corrected labels can stand beside the others. */
const corrected = ['activitynet', 'segment-table', 'captions', 'anomaly-list', 'ucf-crime'] as const;

/** The formats that were seen, best first, and the JSON files or tables of each. */
export interface Recognised {
  readonly formats: readonly LabelFormat[];
  readonly files: ReadonlyMap<LabelFormat, readonly DataFile[]>;
  /** Files of corrected labels beside those. */
  readonly corrections: Readonly<Record<'actions' | 'boxes', readonly DataFile[]>>;
}

/** More JSON files than this are looked at only so far: label files lie near the top. */
const mostJsonFiles = 50;
const largestSniffedTextBytes = 20_000_000;

/**
 * Looks into JSON, XML and text files and at folder names; file names do not count.
 * @throws UserError `labels-unknown` when nothing is known, or what is wrong with the one JSON file that might have been.
 */
export async function recognise(folder: Folder): Promise<Recognised> {
  const files = new Map<LabelFormat, DataFile[]>();
  const add = (format: LabelFormat, file?: DataFile): void => {
    const known = files.get(format) ?? [];
    files.set(format, file ? [...known, file] : known);
  };
  const corrections = { actions: [] as DataFile[], boxes: [] as DataFile[] };
  let firstError: UserError | null = null;
  for (const file of nearestFirst(folder.withExtension('json')).slice(0, mostJsonFiles)) {
    try {
      const value = await folder.json(file);
      const format = formatOfJson(value);
      const corrects = correctionOf(value);
      if (corrects !== null) corrections[corrects].push(file);
      else if (format !== null) add(format, file);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      firstError ??= error;
    }
  }
  for (const file of folder.withExtension('xml').slice(0, 5))
    if (/<annotation[\s>]/i.test(await folder.start(file))) add('voc');
  for (const file of folder.withExtension('txt')) {
    if (file.blob.size > largestSniffedTextBytes) continue;
    const start = await folder.start(file);
    if (looksLikeUcfAnnotation(start) || looksLikeUcfList(start)) add('ucf-crime');
  }
  for (const file of nearestFirst(folder.withExtension('csv', 'tsv')).slice(0, mostJsonFiles))
    if (looksLikeSegmentTable(await folder.start(file))) add('segment-table', file);
  if (folder.withExtension('bvh').length > 0) add('bvh');
  if (folder.withExtension('npz').length > 0) add('human36m');
  if (looksLikeFaceFolders(folder)) add('face-folders');
  if (looksLikeFaceFrames(folder)) add('face-frames');
  // By themselves they are labels like others.
  if (!corrected.some((format) => files.has(format)))
    for (const file of corrections.actions.splice(0)) add('activitynet', file);
  if (!files.has('voc') && !files.has('coco')) for (const file of corrections.boxes.splice(0)) add('coco', file);
  if (files.size === 0) throw firstError ?? unknown(folder);
  return { formats: labelFormats.filter((format) => files.has(format)), files, corrections };
}

/** The format that parsed JSON has, or null; of a list the first object decides. */
function formatOfJson(value: unknown): LabelFormat | null {
  if (isRecord(value)) {
    if (isRecord(value['database'])) return 'activitynet';
    if (isList(value['images']) && isList(value['annotations'])) return 'coco';
    const first = Object.values(value).find(isRecord);
    return first !== undefined && (isRecord(first['global']) || isList(first['region'])) ? 'captions' : null;
  }
  if (!isList(value) || isPairList(value)) return null;
  const first = value.find(isRecord);
  if (first === undefined) return null;
  if ('global_caption' in first || 'bbox_info' in first) return 'captions';
  if (!('file' in first && 'label' in first)) return null;
  return 'anomaly_frames' in first || 'boxes' in first ? 'anomaly-list' : 'face-list';
}

function nearestFirst(files: readonly DataFile[]): DataFile[] {
  const depth = ({ path }: DataFile): number => path.split('/').length;
  return [...files].sort((a, b) => depth(a) - depth(b));
}

function unknown(folder: Folder): UserError {
  const videos = folder.media('video').length;
  const images = folder.media('image').length;
  const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
  return new UserError(
    'labels-unknown',
    `No label file of a known format is among ${plural(folder.files.length, 'file')} (${plural(videos, 'video')}, ${plural(images, 'image')}); known are ActivityNet and COCO JSON, tables of segments (video, label, start, end), Pascal VOC XML, FG-CLIP captions, UCF-Crime texts, FaceForensics++ and real/fake folders, BVH and Human3.6M arrays`,
    { files: folder.files.length, videos, images },
  );
}
