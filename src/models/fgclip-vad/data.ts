// Prepares the anomaly detector's data: labelled videos to training videos and scored windows, metrics and baselines.
import { UserError, invariant } from '../../errors';
import type { DataProblem } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import type { Progress } from '../../formats/progress';
import { partsOf } from '../../samples/parts';
import { chosenTokenizer } from '../../text/chosenTokenizer';
import type { DataTools, FrameProgress, PreparedData } from '../../training/runtime';
import { encodeVideo } from '../../video/encodeVideo';
import type { Settings } from '../settings';
import { openAnomalies, type OpenedAnomaly } from './anomalies';
import { anomalyBaselines } from './baselines';
import { buildView } from './buildView';
import { fgclipDataSettings } from './dataSettings';
import { demoFiles } from './demoFiles';
import { aucByClass, metricsOf } from './judge';
import { ScoredWindows } from './scoredWindows';
import { factsOf, type FgclipFacts } from './texts';
import { TrainVideos } from './trainVideos';

/**
 * Reads labels and opens videos; batches are as `detectorDefinition` takes them.
 * @throws UserError when nothing is usable, or one side of the split is empty.
 */
export async function prepareFgclip(
  data: DataSource,
  settings: Settings,
  progress: Progress,
  tools?: DataTools,
): Promise<PreparedData<FgclipFacts>> {
  invariant(tools, 'videos are decoded in a browser only');
  const wanted = fgclipDataSettings(settings);
  const { videos: store } = tools;
  const files = data.kind === 'demo' ? await demoFiles(encodeVideo, progress) : data.files;
  const { videos, classes, report } = await openAnomalies(
    files,
    { validationShare: wanted.validationShare, repairText: data.kind === 'files' && data.repairText === true },
    tools,
    progress,
  );
  const chosen = await chosenTokenizer(files);
  const { facts, problems } = factsOf(videos, classes, chosen);
  const { training, validation, notices } = checkedParts(videos, wanted.learnBoxes);
  const learned = wanted.learnBoxes ? training : training.map(withoutBoxes);
  const train = new TrainVideos(learned, classes, wanted, store, { tokenizer: chosen.tokenizer, sizes: facts });
  const scored = new ScoredWindows(
    { validation, training: wanted.judgeTraining ? training : [] },
    classes.length,
    wanted,
    store,
  );
  const used = [...training, ...validation].map(({ video }) => video);
  const spelt = data.kind === 'demo' ? problems.filter(({ code }) => code !== 'fgclip-vad-spelt') : problems;
  return {
    report: {
      ...report,
      problems: [...report.problems, ...notices, ...spelt],
      counts: { ...report.counts, 'train videos': train.count, 'scored windows': scored.count },
    },
    facts,
    trainClips: train.count,
    validationClips: scored.count,
    ...(wanted.cacheFrames && {
      keepFrames: (progress: FrameProgress, until: AbortSignal) => store.keep(used, wanted.look, progress, until),
    }),
    trainOrder: (seed, epoch) => train.order(seed, epoch),
    trainBatch: (clips, random) => train.batch(clips, random),
    validationBatch: (clips) => scored.batch(clips),
    async evaluate(outputs) {
      const curves = scored.read(outputs);
      return {
        metrics: metricsOf(curves, classes, wanted),
        tables: { class: aucByClass(curves, wanted) },
        view: await buildView(curves, classes, wanted, data.kind === 'files'),
      };
    },
    baselines: (reportProgress) => anomalyBaselines(scored.videos, wanted, reportProgress),
  };
}

/** What is learned where boxes are only pointed at. */
function withoutBoxes(item: OpenedAnomaly): OpenedAnomaly {
  return { ...item, regions: item.regions.filter(({ extent }) => extent === null) };
}

/** The parts of a run, and what a person should know of them. Throws UserError where one is empty. */
function checkedParts(videos: readonly OpenedAnomaly[], learnBoxes: boolean) {
  const parts = partsOf(videos);
  const { training, validation, testJudged } = parts;
  if (training.length === 0)
    throw new UserError('fgclip-vad-no-training', 'No video is marked for training. Mark some as "train".');
  if (validation.length === 0)
    throw new UserError('fgclip-vad-no-validation', 'No video is left to judge by. Mark some as "val" or "test".');
  const notices: DataProblem[] = [];
  const notice = (code: string, message: string, detail = {}): void =>
    void notices.push({ path: '', code, message, detail });
  if (testJudged)
    notice(
      'fgclip-vad-test-judged',
      'No video is marked for validation: the test videos are judged after each epoch instead.',
    );
  if (training.every(({ abnormal }) => abnormal))
    notice(
      'fgclip-vad-no-normal',
      'No training video is normal: what is usual cannot be learned. Add videos in which nothing happens.',
    );
  if (training.every(({ abnormal }) => !abnormal))
    notice('fgclip-vad-no-abnormal', 'No training video is abnormal: there is nothing to find. Add some.');
  if (validation.every(({ abnormal }) => abnormal))
    notice(
      'fgclip-vad-no-normal-judged',
      'No video to judge by is normal: false alarms are counted in abnormal videos only. Add normal ones.',
    );
  const unknown = validation.filter(({ spans }) => spans === null).length;
  if (unknown > 0)
    notice(
      'fgclip-vad-no-spans',
      `The labels do not say when something happens in ${unknown} videos to judge by: they count as whole videos only.`,
      { videos: unknown },
    );
  if (learnBoxes && training.every(({ regions }) => regions.every(({ extent }) => extent === null)))
    notice('fgclip-vad-no-boxes', 'No training video has boxes: maps of where it is will say little.');
  return { ...parts, notices };
}
