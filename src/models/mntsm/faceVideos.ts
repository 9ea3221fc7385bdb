// Opens the labelled face videos of a run: which are real, which manipulated, which are for what.
import { isRepairable } from '../../annotations/labelSet';
import { reportFaces, type FaceVideo } from '../../annotations/faceClips';
import type { LabelSet } from '../../annotations/labelSet';
import { readLabels, type LabelOptions, type Labels } from '../../annotations/readLabels';
import { UserError } from '../../errors';
import type { DataFile, DataProblem, DataReport } from '../../training/protocol';
import type { Progress } from '../../training/runtime';
import type { StoredVideo, VideoStore } from '../../training/videoStore';
import type { VideoFacts } from '../../video/videoFile';
import { splitVideos, type SplitSettings } from './splitVideos';

/** A labelled video that can be decoded. */
export interface OpenedFace {
  readonly path: string;
  readonly manipulated: boolean;
  /** How it was made, or where a real one comes from. */
  readonly kind: string;
  readonly split: 'train' | 'val' | 'test';
  readonly video: StoredVideo;
}

export interface OpenedFaces {
  readonly videos: readonly OpenedFace[];
  /** Of the labels, without the videos that could not be opened. */
  readonly report: DataReport;
}

export interface FaceOptions {
  /** Of the short side of the picture that is seen; null for all of it. */
  readonly cropShare: number | null;
  readonly split: SplitSettings;
  /** Texts of labels are read as they were meant; see `ChosenData`. */
  readonly repairText?: boolean | undefined;
}

/** Videos that are opened at once: reading an index is mostly waiting. */
const atOnce = 4;

/**
 * Reads labels in any of the forms of face videos and opens what they name.
 * @throws UserError when there are no such labels, or not one video can be opened.
 */
export async function openFaces(
  files: readonly DataFile[],
  { cropShare, split: rule, repairText = false }: FaceOptions,
  store: VideoStore,
  progress: Progress,
): Promise<OpenedFaces> {
  const set = await readFaceLabels(files, { repairText }, progress);
  const items = splitVideos(set.items, rule);
  const report = reportFaces({ ...set, items });
  const problems: DataProblem[] = [];
  const opened = new Array<OpenedFace | null>(items.length).fill(null);
  let next = 0;
  let done = 0;
  const open = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const { path, media, label, kind, split } = items[i]!;
      try {
        const video = await store.open(media, (facts) => (cropShare === null ? null : middleSquare(facts, cropShare)));
        const { notices } = video.facts;
        problems.push(...notices.map(({ code, message, detail }) => ({ path, code, message, detail })));
        opened[i] = { path, manipulated: label === 'fake', kind, split: split ?? 'train', video };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push({ path, code: error.code, message: error.message, detail: error.detail });
      }
      progress('videos', ++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  const videos = opened.filter((one) => one !== null);
  if (videos.length === 0) throw noneOpened([...report.problems.filter(isRepairable), ...problems]);
  return {
    videos,
    report: {
      ...report,
      usable: videos.length,
      problems: [...report.problems, ...problems],
    },
  };
}

async function readFaceLabels(
  files: readonly DataFile[],
  options: Pick<LabelOptions, 'repairText'>,
  progress: Progress,
): Promise<LabelSet<FaceVideo>> {
  let labels = await readLabels(files, options, progress);
  if (!isFaces(labels)) {
    const format = labels.others.find((name) => name === 'face-list' || name === 'face-folders');
    if (format) labels = await readLabels(files, { ...options, format }, progress);
  }
  if (isFaces(labels)) return labels.set;
  if (labels.format === 'face-frames')
    throw new UserError(
      'mntsm-pictures',
      'These are pictures of faces that were cut out of videos; clips are not made of those yet. Drop the videos instead.',
    );
  throw new UserError(
    'mntsm-labels',
    'These labels do not say which videos are real and which are manipulated. Put the videos into folders called "real" and "fake", drop a FaceForensics++ folder, or add a labels.json.',
    { format: labels.format },
  );
}

function isFaces(labels: Labels): labels is Labels & { format: 'face-folders' | 'face-list' } {
  return labels.format === 'face-folders' || labels.format === 'face-list';
}

function middleSquare({ width, height }: VideoFacts, share: number) {
  const side = Math.max(1, Math.round(share * Math.min(width, height)));
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}

function noneOpened(problems: readonly DataProblem[]): UserError {
  const [first] = problems;
  if (!first)
    return new UserError('mntsm-no-videos', 'The labels name no video that is among the files. Add the videos.');
  return new UserError(first.code, first.message, first.detail);
}
