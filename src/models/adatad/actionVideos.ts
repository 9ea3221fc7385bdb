// Opens the labelled videos of a run: how long they are by their own times, and which actions they hold when.
import type { ActionVideo } from '../../annotations/actionFolder';
import type { DataProblem, DataReport } from '../../annotations/dataReport';
import { readLabels, type LabelOptions } from '../../annotations/readLabels';
import { labelReason, repairableReason, type LabelSet } from '../../annotations/labelSet';
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import type { OpenVideo } from '../../frames/videoStore';
import type { Action } from '../../metrics/tadMap';
import { segmentsInFrames, type LabelledSegment } from '../../samples/segments';
import { framesOnGrid } from '../../samples/timeline';
import { openVideos } from '../../training/openVideos';
import type { DataTools } from '../../training/runtime';
import type { VideoClock } from './results';

/** A video whose frames are counted on a steady grid of its mean rate. */
export interface ClockedVideo {
  readonly video: OpenVideo;
  readonly frames: number;
  readonly clock: VideoClock;
}

/** A labelled video that can be decoded. */
export interface OpenedActions extends ClockedVideo {
  readonly path: string;
  readonly name: string;
  readonly media: Blob;
  readonly split: 'train' | 'val' | 'test';
  /** In frames of the grid. */
  readonly segments: readonly LabelledSegment[];
  /** In seconds. */
  readonly truth: readonly Action[];
}

export interface OpenedActionVideos {
  readonly videos: readonly OpenedActions[];
  readonly classes: readonly string[];
  /** Of the labels, without the videos that could not be opened. */
  readonly report: DataReport;
}

/**
 * Reads temporal labels in any form and opens what they name.
 * @throws UserError when there are no such labels, or not one video can be opened.
 */
export async function openActions(
  files: readonly DataFile[],
  options: Pick<LabelOptions, 'repairText'>,
  { videos: store, tell }: DataTools,
  progress: Progress,
): Promise<OpenedActionVideos> {
  const { set, report } = await readActionLabels(files, options, progress);
  const { opened, problems } = await openVideos(
    set.items,
    ({ media }) => store.open(media, () => null, tell),
    progress,
  );
  const classes = [...set.classes];
  const videos = opened.map(({ item, video }) => openedActions(item, video, classes));
  if (videos.length === 0) throw repairableReason(report.problems) ?? noneOpened(problems, set.unusable);
  const used = new Set(videos.map(({ path }) => path));
  return {
    videos,
    classes,
    report: {
      ...report,
      usable: videos.length,
      items: (report.items ?? []).filter(({ path }) => used.has(path)),
      samples: (report.samples ?? []).filter(({ path }) => used.has(path)),
      problems: [...report.problems, ...problems],
    },
  };
}

/** The clock of a video as it was opened. */
export function clockedVideo(video: OpenVideo): ClockedVideo {
  const { durationSeconds } = video.facts;
  const frames = video.times.length;
  return { video, frames, clock: { framesPerSecond: frames / durationSeconds, durationSeconds } };
}

function openedActions(item: ActionVideo, video: OpenVideo, classes: readonly string[]): OpenedActions {
  const clocked = clockedVideo(video);
  const segments = item.segments.map(({ startSeconds, endSeconds, label }) => ({
    segment: [startSeconds, endSeconds] as const,
    label: classes.indexOf(label),
  }));
  return {
    ...{ path: item.path, name: item.name, media: item.media.blob, split: item.split, ...clocked },
    segments: segmentsInFrames(segments, clocked.frames, clocked.clock.durationSeconds),
    truth: item.segments.map(({ startSeconds, endSeconds, label }) => ({ segment: [startSeconds, endSeconds], label })),
  };
}

/** Frames of the file that are on screen at places of the grid. */
export function filedFrames({ video, clock }: ClockedVideo, places: readonly number[]): number[] {
  return framesOnGrid(video.times, places, clock.framesPerSecond);
}

async function readActionLabels(
  files: readonly DataFile[],
  options: Pick<LabelOptions, 'repairText'>,
  progress: Progress,
): Promise<{ readonly set: LabelSet<ActionVideo>; readonly report: DataReport }> {
  let labels = await readLabels(files, options, progress);
  if (labels.format !== 'activitynet' && labels.format !== 'segment-table') {
    const format = labels.others.find((one) => one === 'activitynet' || one === 'segment-table');
    if (format) labels = await readLabels(files, { ...options, format }, progress);
  }
  if (labels.format === 'activitynet' || labels.format === 'segment-table') return labels;
  throw new UserError(
    'adatad-labels',
    'These labels do not say which actions begin and end when. Add a JSON as ActivityNet has it, or a table with the columns video, label, start and end.',
    { format: labels.format },
  );
}

function noneOpened(problems: readonly DataProblem[], unusable: readonly DataProblem[]): UserError {
  const [first] = problems;
  if (first) return new UserError(first.code, first.message, first.detail);
  return (
    labelReason(unusable) ??
    new UserError('adatad-no-videos', 'The labels name no video that is among the files. Add the videos.')
  );
}
