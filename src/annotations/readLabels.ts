// The one entry for dropped labels: opens what was dropped, finds its format, reads it and reports.
import { UserError } from '../errors';
import type { DataFile } from '../formats/dataFile';
import type { DataReport } from './dataReport';
import { readActionFolder, readSegmentTables, reportActions, type ActionVideo } from './actionFolder';
import { readAnomalyList, readCaptionFolder, readUcfFolder } from './anomalyFolder';
import { reportAnomalies, type AnomalyVideo } from './anomalyVideos';
import { reportImages, type LabelledImage } from './boxes';
import { readCocoFolder } from './cocoFolder';
import { correctedAnomalies } from './correctedAnomalies';
import { correctedActions, correctedBoxes } from './corrections';
import { reportFaces, type FaceVideo } from './faceClips';
import { readFaceFolder } from './faceForensics';
import { readFaceFrames } from './faceFrames';
import { readFaceList } from './faceList';
import { Folder } from './folder';
import { finding, type LabelSet } from './labelSet';
import { type Progress } from '../formats/progress';
import { openDropped } from './openDropped';
import { readMotionFolder, readPoseArchives, reportMotion, type MotionItem } from './motionLabels';
import { recognise, type LabelFormat, type Recognised } from './recognise';
import { readVocFolder } from './vocFolder';

export interface LabelOptions {
  /** Instead of the format that is preferred among those that were found. */
  readonly format?: LabelFormat | undefined;
  /** Reads texts in GBK and twice-encoded UTF-8 as they were meant. */
  readonly repairText?: boolean;
}

type FormatLabels = { readonly report: DataReport } & (
  | { readonly format: 'activitynet' | 'segment-table'; readonly set: LabelSet<ActionVideo> }
  | { readonly format: 'voc' | 'coco'; readonly set: LabelSet<LabelledImage> }
  | { readonly format: 'face-folders' | 'face-frames' | 'face-list'; readonly set: LabelSet<FaceVideo> }
  | { readonly format: 'captions' | 'anomaly-list' | 'ucf-crime'; readonly set: LabelSet<AnomalyVideo> }
  | { readonly format: 'bvh' | 'human36m'; readonly set: LabelSet<MotionItem> }
);

/** What was read, by the kind of its records; `others` are formats that could be read instead. */
export type Labels = FormatLabels & { readonly others: readonly LabelFormat[] };

/**
 * Reads the labels of dropped files, folders (an extra level does no harm) or .zip archives.
 * @throws UserError when no format is known or the label file as a whole is unusable; what is wrong with single items is
 * in the report.
 */
export async function readLabels(
  dropped: readonly DataFile[],
  options: LabelOptions = {},
  progress?: Progress,
): Promise<Labels> {
  const folder = new Folder(await openDropped(dropped, progress), options.repairText);
  const found = await recognise(folder);
  const format = options.format ?? found.formats[0]!;
  if (!found.formats.includes(format))
    throw new UserError('labels-other-format', `There are no labels in the format "${format}" among the files`, {
      format,
      found: found.formats.join(', '),
    });
  const others = found.formats.filter((name) => name !== format);
  const labels = await readAs(format, folder, found, progress);
  return { ...labels, others };
}

async function readAs(
  format: LabelFormat,
  folder: Folder,
  found: Recognised,
  progress?: Progress,
): Promise<FormatLabels> {
  const files = found.files.get(format) ?? [];
  const corrected = (set: LabelSet<ActionVideo>): Promise<LabelSet<ActionVideo>> =>
    correctedActions(folder, set, found.corrections.actions);
  const boxes = (set: LabelSet<LabelledImage>): Promise<LabelSet<LabelledImage>> =>
    correctedBoxes(folder, set, found.corrections.boxes);
  const mended = (set: LabelSet<AnomalyVideo>): Promise<LabelSet<AnomalyVideo>> =>
    correctedAnomalies(folder, set, found.corrections.actions);
  switch (format) {
    case 'activitynet':
      return withReport(format, await corrected(await readActionFolder(folder, onlyOne(files, folder))), reportActions);
    case 'segment-table':
      return withReport(format, await corrected(await readSegmentTables(folder, files)), reportActions);
    case 'voc':
      return withReport(format, await boxes(await readVocFolder(folder, progress)), reportImages);
    case 'coco':
      return withReport(format, await boxes(await readCocoFolder(folder, files)), reportImages);
    case 'captions':
      return withReport(format, await mended(await readCaptionFolder(folder, files)), reportAnomalies);
    case 'anomaly-list':
      return withReport(format, await mended(await readAnomalyList(folder, onlyOne(files, folder))), reportAnomalies);
    case 'ucf-crime':
      return withReport(format, await mended(await readUcfFolder(folder)), reportAnomalies);
    case 'face-list':
      return withReport(format, await readFaceList(folder, onlyOne(files, folder)), reportFaces);
    case 'face-folders':
      return withReport(format, await readFaceFolder(folder), reportFaces);
    case 'face-frames':
      return withReport(format, await readFaceFrames(folder), reportFaces);
    case 'bvh':
      return withReport(format, await readMotionFolder(folder, progress), reportMotion);
    case 'human36m':
      return withReport(format, await readPoseArchives(folder), reportMotion);
  }
}

function withReport<Format extends LabelFormat, Set>(
  format: Format,
  set: Set,
  report: (set: Set) => DataReport,
): { format: Format; set: Set; report: DataReport } {
  return { format, set, report: { ...report(set), format } };
}

/** The file nearest to the top; that others are left out is noted. */
function onlyOne(files: readonly DataFile[], folder: Folder): DataFile {
  const [first, ...rest] = files;
  for (const { path } of rest)
    folder.notice(
      finding('labels-second-file', `${first!.path} is read; this label file is not`, path, { read: first!.path }),
    );
  return first!;
}
