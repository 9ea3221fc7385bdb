// Prepares the clip classifier's data: labelled videos to training and scored clips, metrics and baselines.
import { UserError, invariant } from '../../errors';
import type { DataProblem, DataReport } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import type { Settings } from '../settings';
import type { DataTools, FrameProgress, PreparedData } from '../../training/runtime';
import type { Progress } from '../../formats/progress';
import { encodeVideo } from '../../video/encodeVideo';
import { faceBaselines } from './baselines';
import { mntsmDataSettings } from './dataSettings';
import { demoFiles } from './demoFiles';
import { openFaces, type OpenedFace } from './faceVideos';
import { aucByKind, metricsOf } from './judge';
import { partsOf } from '../../samples/parts';
import { ScoredClips } from './scoredClips';
import { splitSettings } from './splitVideos';
import { TrainClips } from './trainClips';
import { buildView, type TrainedOn } from './buildView';

/**
 * Reads labels and opens videos. Inputs of a batch: `clips` [B, T, 3, S, S], `label` [B] (1 for manipulated) and
 * `weight` [B], what each clip's loss is multiplied by.
 * @throws UserError when nothing is usable, or one side of the split is empty.
 */
export async function prepareMntsm(
  data: DataSource,
  settings: Settings,
  progress: Progress,
  tools?: DataTools,
): Promise<PreparedData> {
  invariant(tools, 'videos are decoded in a browser only');
  const wanted = mntsmDataSettings(settings);
  const { videos: store } = tools;
  const files = data.kind === 'demo' ? await demoFiles(encodeVideo, progress) : data.files;
  const { videos, report } = await openFaces(
    files,
    {
      cropShare: wanted.cropShare,
      faceMargin: wanted.faceMargin,
      split: splitSettings(settings),
      picturesPerSecond: wanted.picturesPerSecond,
      clipSeconds: wanted.shape.spanSeconds,
      repairText: data.kind === 'files' && data.repairText,
    },
    tools,
    progress,
  );
  const { training, validation, test, notices } = checkedParts(videos);
  const train = new TrainClips(training, wanted, store);
  const parts = {
    validation,
    training: wanted.judgeTraining ? training : [],
    test: wanted.judgeTest ? test : [],
  };
  const scored = new ScoredClips(parts, wanted, store);
  const used = [...training, ...parts.validation, ...parts.test].map(({ video }) => video);
  const trainedOn = kindsOf(training);
  return {
    report: withClips(report, notices, train.count, scored),
    facts: {},
    trainClips: train.count,
    validationClips: scored.clips.length,
    ...(wanted.cacheFrames && {
      keepFrames: (progress: FrameProgress, until: AbortSignal) => store.keep(used, wanted.look, progress, until),
    }),
    trainOrder: (seed, epoch) => train.order(seed, epoch),
    trainBatch: (clips, random) => train.batch(clips, random),
    validationBatch: (clips) => scored.batch(clips),
    async evaluate(outputs) {
      const scores = scored.read(outputs);
      return {
        metrics: metricsOf(scores, wanted.threshold),
        tables: { kind: aucByKind(scores) },
        view: await buildView(scores, wanted.threshold, trainedOn),
      };
    },
    baselines: (reportProgress) => faceBaselines(training, validation, reportProgress),
  };
}

/** The parts of a run, and what a person should know of them. Throws UserError where a part or a kind is missing. */
function checkedParts(videos: readonly OpenedFace[]) {
  const parts = partsOf(videos);
  const { training, validation, testJudged } = parts;
  const both = (some: readonly OpenedFace[]): boolean =>
    some.some(({ manipulated }) => manipulated) && some.some(({ manipulated }) => !manipulated);
  if (!both(training))
    throw new UserError(
      'mntsm-no-training',
      'Training needs real and manipulated videos, and one of the kinds is missing. Add some, or mark more as "train".',
    );
  if (validation.length === 0)
    throw new UserError(
      'mntsm-no-validation',
      'No video is left to judge by. Mark some as "val" or "test", of other people than the training videos.',
    );
  const notices: DataProblem[] = [];
  const notice = (code: string, message: string): void => void notices.push({ path: '', code, message, detail: {} });
  if (testJudged)
    notice(
      'mntsm-test-judged',
      'No video is marked for validation: the test videos are judged after each epoch instead.',
    );
  if (!both(validation))
    notice(
      'mntsm-one-class',
      'The videos to judge by are all of one kind, so no AUC can be told. Add some of the other.',
    );
  return { ...parts, notices };
}

/** Kinds of training videos with their numbers, the largest first. */
function kindsOf(videos: readonly OpenedFace[]): TrainedOn {
  const counts = new Map<string, number>();
  for (const { kind } of videos) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, videos: count })).sort((a, b) => b.videos - a.videos);
}

function withClips(
  report: DataReport,
  notices: readonly DataProblem[],
  trainClips: number,
  scored: ScoredClips,
): DataReport {
  const held = scored.clips.filter(({ part }) => part === 'validation').length;
  return {
    ...report,
    problems: [...report.problems, ...notices],
    counts: { ...report.counts, 'train clips': trainClips, 'val clips': held },
  };
}
