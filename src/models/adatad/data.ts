// Prepares the action detector's data: labelled videos to training and judged windows, metrics and baselines.
import type { DataSource } from '../../annotations/dataSource';
import { UserError, invariant } from '../../errors';
import type { Progress } from '../../formats/progress';
import { partsOf } from '../../samples/parts';
import type { DataTools, FrameProgress, PreparedData } from '../../training/runtime';
import { encodeVideo } from '../../video/encodeVideo';
import type { Settings } from '../settings';
import { openActions, type OpenedActions } from './actionVideos';
import { checkWindows, unfindable } from './checkWindows';
import { adatadDataSettings } from './dataSettings';
import { demoFiles } from './demoFiles';
import { actionBaselines, judge } from './judge';
import { ScoredWindows } from './scoredWindows';
import { TrainWindows } from './trainWindows';

/** What the model is built from: the names of its classes in the order of their numbers. */
export type AdatadFacts = { readonly classes: readonly string[] };

/**
 * Reads labels and opens videos. Inputs of a batch: `clips` [B, T, 3, S, S], `mask` [B, T], 1 for frames that are no
 * repeats, `classes` [B, points, classes] and `distances` [B, points, 2], what the points shall say.
 * @throws UserError when nothing is usable, or one side of the split is empty.
 */
export async function prepareAdatad(
  data: DataSource,
  settings: Settings,
  progress: Progress,
  tools?: DataTools,
): Promise<PreparedData<AdatadFacts>> {
  invariant(tools, 'videos are decoded in a browser only');
  const wanted = adatadDataSettings(settings);
  const { videos: store } = tools;
  const files =
    data.kind === 'demo' ? [...(await demoFiles(encodeVideo, progress)), ...(data.added ?? [])] : data.files;
  const repairText = data.kind === 'files' && data.repairText === true;
  const { videos, classes, report } = await openActions(files, { repairText }, tools, progress);
  const { training, validation, testJudged } = checkedParts(videos);
  const train = new TrainWindows(training, classes.length, wanted, store);
  const judgedTraining = wanted.judgeTraining ? training : [];
  const scored = new ScoredWindows({ validation, training: judgedTraining }, classes, wanted, store);
  const used = [...training, ...validation].map(({ video }) => video);
  const check = checkWindows(training, wanted);
  const onTest = {
    ...{ path: '', code: 'adatad-test-judged', detail: {} },
    message: 'No video is marked for validation: the test videos are judged after each epoch instead.',
  };
  return {
    report: {
      ...report,
      problems: [...report.problems, ...check.notices, ...(testJudged ? [onTest] : [])],
      counts: { ...report.counts, ...check.counts, 'train clips': train.count, 'val clips': scored.count },
      unlearnable: check.lost + unfindable(validation),
    },
    facts: { classes },
    trainClips: train.count,
    validationClips: scored.count,
    ...(wanted.cacheFrames && {
      keepFrames: (progress: FrameProgress, until: AbortSignal) => store.keep(used, wanted.look, progress, until),
    }),
    trainBatch: (clips, random) => train.batch(clips, random),
    validationBatch: (clips) => scored.batch(clips),
    evaluate: (outputs) => judge(scored.read(outputs), scored, classes, wanted.sigma),
    baselines: () => Promise.resolve(actionBaselines(training, validation)),
  };
}

/** The parts of a run; videos without an action train nobody. Throws UserError where a part is missing. */
function checkedParts(videos: readonly OpenedActions[]) {
  const { training: marked, validation, testJudged } = partsOf(videos);
  const training = marked.filter(({ segments }) => segments.length > 0);
  if (training.length === 0)
    throw new UserError(
      'adatad-no-training',
      'No video with an action is left for training; mark more as "training", or add labels.',
    );
  if (!validation.some(({ truth }) => truth.length > 0))
    throw new UserError(
      'adatad-no-validation',
      'No video with an action is left to judge by; mark some as "validation", or add labels.',
    );
  return { training, validation, testJudged };
}
