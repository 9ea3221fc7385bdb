// Prepares the detector's data: labelled pictures to training tiles and judged pictures, metrics and baselines.
import type { DataProblem } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import { openDropped } from '../../annotations/openDropped';
import { invariant, UserError } from '../../errors';
import type { Progress } from '../../formats/progress';
import { partsOf } from '../../samples/parts';
import type { Batch, DataTools, FrameProgress, PreparedData } from '../../training/runtime';
import type { Settings } from '../settings';
import { buildView } from './buildView';
import { classTokens, givenFeatures, withoutClassFiles } from './classTexts';
import { detectorDataSettings, type DetectorDataSettings } from './dataSettings';
import { demoFiles, encodePng } from './demoFiles';
import { boxMetrics, pictureMetrics, sceneTop1 } from './judge';
import { openLabelledPictures, type OpenedPicture } from './labelledPictures';
import { ScoredPictures } from './scoredPictures';
import { TrainPictures } from './trainPictures';

export type DetectorFacts = {
  readonly classes: readonly string[];
  /** Token ids of the classes' texts, lists of equal length; empty where features are learned or given. */
  readonly tokens: readonly (readonly number[])[];
  /** Length of given class features; 0 where none are given. */
  readonly givenFeatures: number;
  /** Pixels of kept pictures for each of the input's, see `FrameLook.detail`. */
  readonly keptDetail: number;
};

/**
 * Reads labels and opens pictures. Inputs of a batch: `images` [B, 1, 3, S, S], `labels` u32 [B] (the class of a picture's
 * first box), boxes as `targetInputs` lays them out, and `texts` [C, features] where class features are given.
 * @throws UserError when nothing is usable, one side of the split is empty, or what tells of the classes is missing.
 */
export async function prepareDetector(
  data: DataSource,
  settings: Settings,
  progress: Progress,
  tools?: DataTools,
): Promise<PreparedData<DetectorFacts>> {
  invariant(tools, 'pictures are decoded in a browser only');
  const { videos } = tools;
  const wanted = detectorDataSettings(settings);
  const dropped = data.kind === 'demo' ? await demoFiles(encodePng, progress) : await openDropped(data.files, progress);
  const options = { oneClass: wanted.oneClass, repairText: data.kind === 'files' && data.repairText === true };
  const opened = await openLabelledPictures(withoutClassFiles(dropped), options, tools, progress);
  const { classes } = opened;
  const { training, validation, notices } = checkedParts(opened.pictures);
  const tokens = wanted.classFeatures === 'texts' ? await classTokens(dropped, classes, wanted.prompt) : [];
  const given = wanted.classFeatures === 'given' ? await givenFeatures(dropped, classes) : null;
  const train = new TrainPictures(training, wanted, videos);
  const scored = new ScoredPictures(validation, wanted, videos);
  const withTexts = (batch: Batch): Batch => (given ? { ...batch, texts: given.values } : batch);
  const { report } = opened;
  const used = [...training, ...validation];
  const keptDetail = detailOf(used, wanted);
  return {
    report: {
      ...report,
      problems: [...report.problems, ...notices],
      counts: { ...report.counts, 'train clips': train.clips.length, 'val clips': scored.clips.length },
    },
    facts: { classes, tokens, givenFeatures: given?.features ?? 0, keptDetail },
    trainClips: train.clips.length,
    validationClips: scored.clips.length,
    ...(wanted.cacheFrames && {
      keepFrames: (progress: FrameProgress, until: AbortSignal) =>
        videos.keep(
          used.map(({ video }) => video),
          { size: wanted.look.size, detail: keptDetail },
          progress,
          until,
        ),
    }),
    trainBatch: (clips, random) => withTexts(train.batch(clips, random)),
    validationBatch: (clips) => withTexts(scored.batch(clips)),
    async evaluate(outputs) {
      const judged = scored.read(outputs, classes.length);
      if (wanted.stage === 'detector') {
        const { metrics, tables } = boxMetrics(judged, classes);
        const scenes = classes.length > 1 ? { 'scene top-1': sceneTop1(judged) } : {};
        return { metrics: { ...metrics, ...scenes }, tables, view: await buildView(judged, classes, wanted) };
      }
      const labelled = judged.map(({ similarity, truth }) => ({ similarity, label: truth[0]!.category }));
      const { metrics, tables, confusion } = pictureMetrics(labelled, classes);
      return { metrics, tables, view: await buildView(judged, classes, wanted, confusion) };
    },
    baselines(reportProgress) {
      reportProgress('baselines', 0, 1);
      return Promise.resolve(baselines(training, validation, classes, wanted.stage));
    },
  };
}

/** Pictures are kept as large as the largest of them, so that tiles stay sharp. */
function detailOf(pictures: readonly OpenedPicture[], { look, pictures: cut }: DetectorDataSettings): number {
  if (cut !== 'tiles') return 1;
  const sides = pictures.map(({ video: { facts } }) => Math.max(facts.width, facts.height));
  return sides.reduce((most, side) => Math.max(most, side / look.size.width), 1);
}

function checkedParts(pictures: readonly OpenedPicture[]) {
  const { training, validation, testJudged } = partsOf(pictures);
  if (!training.some(({ boxes }) => boxes.length > 0))
    throw new UserError(
      'remoteclip-detector-no-training',
      'No picture with a box is left for training. Mark more as "train", or add labelled pictures.',
    );
  if (!validation.some(({ boxes }) => boxes.length > 0))
    throw new UserError(
      'remoteclip-detector-no-validation',
      'No picture with a box is left to judge by. Mark some as "val" or "test", or add labelled pictures.',
    );
  const notices: DataProblem[] = testJudged
    ? [
        {
          path: '',
          code: 'remoteclip-detector-test-judged',
          message: 'No picture is marked for validation: the test pictures are judged after each epoch instead.',
          detail: {},
        },
      ]
    : [];
  return { training, validation, notices };
}

/** What a model must beat that always says the commonest class, of the whole picture. */
function baselines(
  training: readonly OpenedPicture[],
  validation: readonly OpenedPicture[],
  classes: readonly string[],
  stage: DetectorDataSettings['stage'],
): Record<string, number> {
  const first = (pictures: readonly OpenedPicture[]): number[] =>
    pictures.flatMap(({ boxes: [one] }) => (one ? [one.category] : []));
  const counts = classes.map((_, k) => first(training).filter((one) => one === k).length);
  const commonest = counts.indexOf(Math.max(...counts));
  if (stage === 'classifier') {
    const labels = first(validation);
    return { 'commonest class': labels.filter((one) => one === commonest).length / Math.max(1, labels.length) };
  }
  const judged = validation.map(({ boxes, video: { facts } }) => {
    const box = [0, 0, facts.width, facts.height] as const;
    return { truth: boxes, found: [{ box, category: commonest, score: 1 }] };
  });
  return { 'whole picture': boxMetrics(judged, classes).metrics['mAP@50'] ?? 0 };
}
