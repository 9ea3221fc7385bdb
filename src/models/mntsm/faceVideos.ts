// Opens the labelled face videos of a run: which are real, which manipulated, which are for what.
import { identityGroups, reportFaces, type FaceVideo } from '../../annotations/faceClips';
import type { LabelSet, Split } from '../../annotations/labelSet';
import { readLabels, type Labels } from '../../annotations/readLabels';
import { splitGroups } from '../../annotations/splits';
import { UserError } from '../../errors';
import type { DataFile, DataProblem, DataReport } from '../../training/protocol';
import type { Progress } from '../../training/runtime';
import type { StoredVideo, VideoStore } from '../../training/videoStore';
import type { VideoFacts } from '../../video/videoFile';
import type { MntsmDataSettings } from './dataSettings';

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

/** Videos that are opened at once: reading an index is mostly waiting. */
const atOnce = 4;

/**
 * Reads labels in any of the forms of face videos and opens what they name.
 * @throws UserError when there are no such labels, or not one video can be opened.
 */
export async function openFaces(
  files: readonly DataFile[],
  settings: MntsmDataSettings,
  store: VideoStore,
  progress: Progress,
): Promise<OpenedFaces> {
  const set = await readFaceLabels(files, progress);
  const items = resplit(set.items, settings);
  const report = reportFaces({ ...set, items });
  const problems: DataProblem[] = [];
  const opened = new Array<OpenedFace | null>(items.length).fill(null);
  let next = 0;
  let done = 0;
  const open = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const { path, media, label, kind, split } = items[i]!;
      try {
        const video = await store.open(media, (facts) => (settings.faceCrop === 'centre' ? middleSquare(facts) : null));
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
  if (videos.length === 0) throw noneOpened(problems);
  return {
    videos,
    report: {
      ...report,
      usable: videos.length,
      problems: [...report.problems, ...problems],
    },
  };
}

/** Splits of our own, where the settings ask for them, instead of those that the labels name. */
function resplit(items: readonly FaceVideo[], { split, shares }: MntsmDataSettings): readonly FaceVideo[] {
  if (split === 'official') return items;
  const groups = split === 'identity' ? identityGroups(items) : items.map(({ path }) => path);
  // Each class by itself where videos are what is split, as upstream does.
  const partOf = split === 'identity' ? () => '' : ({ label }: FaceVideo) => label;
  const splits = new Map<string, Split>();
  for (const part of new Set(items.map(partOf))) {
    const keys = groups.filter((_, i) => partOf(items[i]!) === part);
    for (const [key, value] of splitGroups(keys, shares)) splits.set(key, value);
  }
  return items.map((item, i) => ({ ...item, split: splits.get(groups[i]!)! }));
}

async function readFaceLabels(files: readonly DataFile[], progress: Progress): Promise<LabelSet<FaceVideo>> {
  let labels = await readLabels(files, {}, progress);
  if (!isFaces(labels)) {
    const format = labels.others.find((name) => name === 'face-list' || name === 'face-folders');
    if (format) labels = await readLabels(files, { format }, progress);
  }
  if (isFaces(labels)) return labels.set;
  throw new UserError(
    'mntsm-labels',
    'These labels do not say which videos are real and which are manipulated. Put the videos into folders called "real" and "fake", drop a FaceForensics++ folder, or add a labels.json.',
    { format: labels.format },
  );
}

function isFaces(labels: Labels): labels is Labels & { format: 'face-folders' | 'face-list' } {
  return labels.format === 'face-folders' || labels.format === 'face-list';
}

function middleSquare({ width, height }: VideoFacts) {
  const side = Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
}

function noneOpened(problems: readonly DataProblem[]): UserError {
  const [first] = problems;
  if (!first)
    return new UserError('mntsm-no-videos', 'The labels name no video that is among the files. Add the videos.');
  return new UserError(first.code, first.message, first.detail);
}
