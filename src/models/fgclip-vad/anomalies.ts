// Opens the labelled videos of a run: what they are of, when and where something happens, what is said of them.
import { reportAnomalies, wordsOf, type AnomalyVideo } from '../../annotations/anomalyVideos';
import type { DataProblem, DataReport } from '../../annotations/dataReport';
import { repairableReason, type LabelSet, type Split } from '../../annotations/labelSet';
import { readLabels, type Labels, type LabelOptions } from '../../annotations/readLabels';
import { splitGroups } from '../../annotations/splits';
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import type { OpenVideo } from '../../frames/videoStore';
import type { Stretch } from '../../metrics/frameScores';
import { frameAt } from '../../samples/timeline';
import { openVideos } from '../../training/openVideos';
import type { DataTools } from '../../training/runtime';
import { boxTrack, regionTrack, wholeFrame, type RegionTrack } from './regionTracks';

/** A labelled video that can be decoded. */
export interface OpenedAnomaly {
  readonly path: string;
  readonly className: string;
  readonly abnormal: boolean;
  readonly split: Split;
  readonly video: OpenVideo;
  /** The file that it lies in. */
  readonly media: Blob;
  readonly caption: string;
  /** What is learned of; at most a region of its own for each thing that is captioned. */
  readonly regions: readonly RegionTrack[];
  /** When something happens, in frames; null where it is not known. Empty for normal videos. */
  readonly spans: readonly Stretch[] | null;
  /** The part of the video that the labels are about. */
  readonly range: Stretch;
}

export interface OpenedAnomalies {
  readonly videos: readonly OpenedAnomaly[];
  /** `Normal` first. */
  readonly classes: readonly string[];
  /** Of the labels, without the videos that could not be opened. */
  readonly report: DataReport;
}

export interface AnomalyOptions extends Pick<LabelOptions, 'repairText'> {
  readonly validationShare: number;
}

/**
 * Reads labels in any of the forms of anomalous videos and opens what they name.
 * @throws UserError when there are no such labels, or not one video can be opened.
 */
export async function openAnomalies(
  files: readonly DataFile[],
  options: AnomalyOptions,
  { videos: store, tell }: DataTools,
  progress: Progress,
): Promise<OpenedAnomalies> {
  const { set, format } = await readAnomalyLabels(files, options, progress);
  const items = withSplits(set.items, options.validationShare);
  const report: DataReport = { ...reportAnomalies({ ...set, items }), format };
  const open = ({ media }: AnomalyVideo): Promise<OpenVideo> => store.open(media, () => null, tell);
  const { opened, problems } = await openVideos(items, open, progress);
  if (opened.length === 0) throw repairableReason(report.problems) ?? noneOpened(problems);
  const used = new Set(opened.map(({ item: { path } }) => path));
  return {
    videos: opened.map(({ item, video }) => openedAnomaly(item, video)),
    classes: set.classes,
    report: {
      ...report,
      usable: opened.length,
      items: (report.items ?? []).filter(({ path }) => used.has(path)),
      samples: (report.samples ?? []).filter(({ path }) => used.has(path)),
      problems: [...report.problems, ...problems],
    },
  };
}

function openedAnomaly(item: AnomalyVideo, video: OpenVideo): OpenedAnomaly {
  const { path, className, abnormal, split } = item;
  const { times, facts } = video;
  const said = wordsOf(className);
  const own = item.regions.map(regionTrack);
  const boxed = boxTrack(item, said, facts);
  const placed = boxed ? [...own, boxed] : own;
  const at = (seconds: number): number => frameAt(times, times[0]! + seconds);
  const range: Stretch = [
    item.startSeconds === null ? 0 : at(item.startSeconds),
    item.endSeconds === null ? times.length : at(item.endSeconds) + 1,
  ];
  return {
    ...{ path, className, abnormal, video, range, split: split ?? 'train', caption: item.caption ?? said },
    media: item.media.blob,
    regions: placed.length > 0 || abnormal ? placed : [wholeFrame(said)],
    spans: spansOf(item, own),
  };
}

/** What the labels say, or else the time that regions are there. */
function spansOf({ spans, abnormal }: AnomalyVideo, regions: readonly RegionTrack[]): readonly Stretch[] | null {
  if (spans) return spans.map(({ startFrame, endFrame }) => [startFrame, endFrame] as const);
  if (!abnormal) return [];
  const extents = regions.flatMap(({ extent }) => (extent ? [extent] : []));
  return extents.length > 0 ? extents : null;
}

/** Where the labels mark none to judge by, some of each class are held out. */
function withSplits(items: readonly AnomalyVideo[], share: number): AnomalyVideo[] {
  if (items.some(({ split }) => split !== null && split !== 'train')) return [...items];
  const classes = new Set(items.map(({ className }) => className));
  const splits = new Map(
    [...classes].flatMap((name) => {
      const own = items.filter(({ className }) => className === name).map(({ path }) => path);
      return [...splitGroups(own, { val: share, test: 0 })];
    }),
  );
  return items.map((item) => ({ ...item, split: splits.get(item.path)! }));
}

const anomalyFormats = ['captions', 'anomaly-list', 'ucf-crime'] as const;
type AnomalyFormat = (typeof anomalyFormats)[number];

async function readAnomalyLabels(
  files: readonly DataFile[],
  { repairText }: AnomalyOptions,
  progress: Progress,
): Promise<{ readonly set: LabelSet<AnomalyVideo>; readonly format: AnomalyFormat }> {
  const options = { ...(repairText !== undefined && { repairText }) };
  let labels = await readLabels(files, options, progress);
  if (!isAnomalies(labels)) {
    const format = labels.others.find((name) => anomalyFormats.some((one) => one === name));
    if (format) labels = await readLabels(files, { ...options, format }, progress);
  }
  if (isAnomalies(labels)) return labels;
  throw new UserError(
    'fgclip-vad-labels',
    'These labels do not say in which videos something is wrong. Drop captions (FG-CLIP’s JSON), a list with "anomaly_frames", or UCF-Crime’s text files with the videos.',
    { format: labels.format },
  );
}

function isAnomalies(labels: Labels): labels is Labels & { readonly format: AnomalyFormat } {
  return anomalyFormats.some((name) => name === labels.format);
}

function noneOpened(problems: readonly DataProblem[]): UserError {
  const [first] = problems;
  if (!first)
    return new UserError('fgclip-vad-no-videos', 'The labels name no video that is among the files. Add the videos.');
  return new UserError(first.code, first.message, first.detail);
}
