// Opens labelled pictures: COCO and VOC folders, or the demo's, as pictures with boxes and class numbers.
import { reportImages, type LabelledImage } from '../../annotations/boxes';
import type { DataProblem, DataReport } from '../../annotations/dataReport';
import { labelReason, repairableReason, type LabelSet } from '../../annotations/labelSet';
import { readLabels, type Labels } from '../../annotations/readLabels';
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import type { OpenVideo } from '../../frames/videoStore';
import type { TrueBox } from '../../metrics/judgedBoxes';
import type { DataTools } from '../../training/runtime';
import { openVideos } from '../../training/openVideos';

export interface OpenedPicture {
  readonly path: string;
  readonly split: 'train' | 'val' | 'test';
  /** A video of one picture. */
  readonly video: OpenVideo;
  readonly boxes: readonly TrueBox[];
}

export interface OpenedPictures {
  readonly pictures: readonly OpenedPicture[];
  readonly classes: readonly string[];
  readonly report: DataReport;
}

export interface PictureOptions {
  readonly oneClass: string;
  readonly repairText: boolean;
}

/** Throws UserError where there are no boxes in a format that is known, or no picture can be read. */
export async function openLabelledPictures(
  files: readonly DataFile[],
  { oneClass, repairText }: PictureOptions,
  { videos: store, tell }: DataTools,
  progress: Progress,
): Promise<OpenedPictures> {
  const { set: labelled, format } = await readBoxes(files, repairText, progress);
  const set = oneClass === '' ? labelled : asOneClass(labelled, oneClass);
  const classes = set.classes;
  if (classes.length === 0)
    throw new UserError(
      'remoteclip-detector-no-classes',
      'The labels hold no box, so there is no class to learn. Add labelled boxes.',
    );
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const report: DataReport = { ...reportImages(set), format };
  const open = ({ path, media }: LabelledImage): Promise<OpenVideo> =>
    store.openPictures({ path, pictures: [media], framesPerSecond: 1 }, () => null, tell);
  const { opened, problems } = await openVideos(set.items, open, progress);
  const pictures = opened.map(({ item: { path, split, boxes }, video }): OpenedPicture => ({
    ...{ path, video, split: split ?? 'train' },
    boxes: boxes.map(({ label, x0, y0, x1, y1, difficult }) => ({
      ...{ box: [x0, y0, x1, y1] as const, category: numbers.get(label)!, difficult },
    })),
  }));
  if (pictures.length === 0) throw repairableReason(report.problems) ?? noneOpened(problems, set.unusable);
  const used = new Set(pictures.map(({ path }) => path));
  return {
    ...{ pictures, classes },
    report: {
      ...report,
      usable: pictures.length,
      items: (report.items ?? []).filter(({ path }) => used.has(path)),
      samples: (report.samples ?? []).filter(({ path }) => used.has(path)),
      unlearnable: pictures.reduce((sum, picture) => sum + unseenBoxes(picture), 0),
      problems: [...report.problems, ...problems, ...otherSizes(opened)],
    },
  };
}

/** Boxes of which less than a pixel lies in the picture. */
function unseenBoxes({ boxes, video: { facts } }: OpenedPicture): number {
  const share = (low: number, high: number, length: number): number => Math.min(high, length) - Math.max(low, 0);
  return boxes.filter(({ box: [x0, y0, x1, y1] }) => share(x0, x1, facts.width) < 1 || share(y0, y1, facts.height) < 1)
    .length;
}

/** Says where pictures are of another size than their labels were made for: boxes count in pixels. */
function otherSizes(opened: readonly { readonly item: LabelledImage; readonly video: OpenVideo }[]): DataProblem[] {
  const others = opened.filter(({ item: { widthPixels, heightPixels }, video: { facts } }) => {
    return (widthPixels ?? facts.width) !== facts.width || (heightPixels ?? facts.height) !== facts.height;
  });
  const [first] = others;
  if (!first) return [];
  const { path, widthPixels, heightPixels } = first.item;
  const { width, height } = first.video.facts;
  const detail = {
    path,
    pictures: others.length,
    labelled: `${widthPixels}×${heightPixels}`,
    size: `${width}×${height}`,
  };
  const message = `${others.length} pictures have another size than their labels say, where boxes may lie wrongly: this one was labelled as ${detail.labelled} pixels and has ${detail.size} (${path})`;
  return [{ path, code: 'remoteclip-detector-other-size', message, detail }];
}

type BoxLabels = Extract<Labels, { readonly format: 'voc' | 'coco' }>;

async function readBoxes(files: readonly DataFile[], repairText: boolean, progress: Progress): Promise<BoxLabels> {
  let labels = await readLabels(files, { repairText }, progress);
  const other = labels.others.find((one) => one === 'voc' || one === 'coco');
  if (labels.format !== 'voc' && labels.format !== 'coco' && other)
    labels = await readLabels(files, { repairText, format: other }, progress);
  if (labels.format === 'voc' || labels.format === 'coco') return labels;
  throw new UserError(
    'remoteclip-detector-labels',
    'These labels hold no boxes in pictures. Drop a folder with Pascal VOC files (one .xml beside each picture) or with a COCO file (.json).',
    { format: labels.format },
  );
}

function asOneClass(set: LabelSet<LabelledImage>, label: string): LabelSet<LabelledImage> {
  const items = set.items.map((item) => ({ ...item, boxes: item.boxes.map((box) => ({ ...box, label })) }));
  return { ...set, items, classes: [label] };
}

function noneOpened([first]: readonly DataProblem[], unusable: readonly DataProblem[]): UserError {
  if (first) return new UserError(first.code, first.message, first.detail);
  return (
    labelReason(unusable) ??
    new UserError(
      'remoteclip-detector-no-pictures',
      'The labels name no picture that is among the files. Add the pictures.',
    )
  );
}
