// Opens the labelled face videos of a run: which are real, which manipulated, which are for what.
import { labelReason, repairableReason, type LabelSet } from '../../annotations/labelSet';
import { reportFaces, type FaceVideo } from '../../annotations/faceClips';
import { readLabels, type LabelOptions, type Labels } from '../../annotations/readLabels';
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { DataProblem, DataReport } from '../../annotations/dataReport';
import type { DataTools } from '../../training/runtime';
import type { Progress } from '../../formats/progress';
import type { OpenVideo } from '../../frames/videoStore';
import type { VideoFacts } from '../../video/videoFile';
import { stretchesOf, type Stretch } from '../../samples/stretches';
import { openVideos } from '../../training/openVideos';
import { findFaces, mainFace } from './foundFaces';
import { splitVideos, type SplitSettings } from './splitVideos';

/** A labelled video that can be decoded. */
export interface OpenedFace {
  readonly path: string;
  readonly manipulated: boolean;
  /** How it was made, or where a real one comes from. */
  readonly kind: string;
  readonly split: 'train' | 'val' | 'test';
  readonly video: OpenVideo;
  /** What of it may be in one clip. */
  readonly stretches: readonly Stretch[];
}

export interface OpenedFaces {
  readonly videos: readonly OpenedFace[];
  /** Of the labels, without the videos that could not be opened. */
  readonly report: DataReport;
}

export interface FaceOptions {
  /** Of the short side of the picture that is seen; null for all of it. */
  readonly cropShare: number | null;
  /** Side of the square around the face, in sides of its box; null where faces are not looked for. */
  readonly faceMargin: number | null;
  readonly split: SplitSettings;
  /** At which videos that come as pictures are shown. */
  readonly picturesPerSecond: number;
  /** Of a clip of the run. */
  readonly clipSeconds: number;
  /** Texts of labels are read as they were meant; see `ChosenData`. */
  readonly repairText?: boolean | undefined;
}

/**
 * Reads labels in any of the forms of face videos and opens what they name.
 * @throws UserError when there are no such labels, or not one video can be opened.
 */
export async function openFaces(
  files: readonly DataFile[],
  options: FaceOptions,
  { videos: store, tell, finders }: DataTools,
  progress: Progress,
): Promise<OpenedFaces> {
  const { cropShare, faceMargin, split: rule, repairText = false } = options;
  const crop = (facts: VideoFacts) => (cropShare === null ? null : middleSquare(facts, cropShare));
  const { set, format } = await readFaceLabels(files, { repairText }, progress);
  const items = splitVideos(set.items, rule);
  const report: DataReport = { ...reportFaces({ ...set, items }), format };
  const found = new Map<OpenVideo, Stretch>();
  const open = async ({ path, media, clips }: FaceVideo): Promise<OpenVideo> => {
    if (!clips) {
      const whole = await store.open(media, crop, tell);
      // Where nothing decodes, as in a check in Node, videos are counted whole.
      if (faceMargin === null || !finders) return whole;
      const { signal } = new AbortController();
      const search = { videos: store, finders, signal, told: () => progress('faces', found.size, items.length) };
      const { video, stretch } = mainFace(await findFaces(whole, faceMargin, search), path);
      found.set(video, stretch);
      return video;
    }
    const list = { path, pictures: picturesOf(clips), framesPerSecond: options.picturesPerSecond };
    return await store.openPictures(list, crop, tell);
  };
  const { opened, problems } = await openVideos(items, open, progress);
  const videos = opened.map(({ item: { path, label, kind, split, clips }, video }): OpenedFace => {
    const counts = clips?.map(({ length }) => length);
    const stretch = found.get(video);
    const stretches = stretch ? [stretch] : stretchesOf(video, counts);
    return { path, manipulated: label === 'fake', kind, split: split ?? 'train', video, stretches };
  });
  const used = new Set(videos.map(({ path }) => path));
  if (videos.length === 0) throw repairableReason(report.problems) ?? noneOpened(problems, set.unusable);
  return {
    videos,
    report: {
      ...report,
      usable: videos.length,
      items: (report.items ?? []).filter(({ path }) => used.has(path)),
      samples: (report.samples ?? []).filter(({ path }) => used.has(path)),
      unlearnable: videos.filter(({ video }) => video.times.length < 2).length,
      problems: [...report.problems, ...problems, ...shortClips(items, options)],
    },
  };
}

async function readFaceLabels(
  files: readonly DataFile[],
  options: Pick<LabelOptions, 'repairText'>,
  progress: Progress,
): Promise<{ readonly set: LabelSet<FaceVideo>; readonly format: FaceFormat }> {
  let labels = await readLabels(files, options, progress);
  if (!isFaces(labels)) {
    const format = labels.others.find(isFaceFormat);
    if (format) labels = await readLabels(files, { ...options, format }, progress);
  }
  if (isFaces(labels)) return labels;
  throw new UserError(
    'mntsm-labels',
    'These labels do not say which videos are real and which are manipulated. Put the videos into folders called "real" and "fake", drop a FaceForensics++ folder, or add a labels.json.',
    { format: labels.format },
  );
}

const faceFormats = ['face-list', 'face-folders', 'face-frames'] as const;
type FaceFormat = (typeof faceFormats)[number];

function isFaceFormat(format: Labels['format']): format is FaceFormat {
  return faceFormats.some((name) => name === format);
}

function isFaces(labels: Labels): labels is Labels & { format: FaceFormat } {
  return isFaceFormat(labels.format);
}

function picturesOf(clips: NonNullable<FaceVideo['clips']>): DataFile[] {
  return clips.flat().map(({ media }) => media);
}

/** Says where clips of pictures are over before a clip of the run is, most of them at least. */
function shortClips(items: readonly FaceVideo[], { picturesPerSecond, clipSeconds }: FaceOptions): DataProblem[] {
  const counts = items.flatMap(({ clips = [] }) => clips.map(({ length }) => length)).sort((a, b) => a - b);
  const pictures = counts[counts.length >> 1];
  if (pictures === undefined || pictures >= picturesPerSecond * clipSeconds) return [];
  const fitting = Number((pictures / clipSeconds).toPrecision(3));
  const message = `A clip lasts ${clipSeconds} s, for which ${pictures} pictures in a row are too few at ${picturesPerSecond} a second: the last one repeats. If they were taken further apart, set Pictures per second to ${fitting}; else make the clips shorter.`;
  const detail = { pictures, picturesPerSecond, clipSeconds, fitting };
  return [{ path: '', code: 'mntsm-short-pictures', message, detail }];
}

/** Of the short side of the picture. */
export function middleSquare({ width, height }: VideoFacts, share: number) {
  const side = Math.max(1, Math.round(share * Math.min(width, height)));
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}

function noneOpened(problems: readonly DataProblem[], unusable: readonly DataProblem[]): UserError {
  const [first] = problems;
  if (!first)
    return (
      labelReason(unusable) ??
      new UserError('mntsm-no-videos', 'The labels name no video that is among the files. Add the videos.')
    );
  return new UserError(first.code, first.message, first.detail);
}
