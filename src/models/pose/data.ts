// Prepares the pose task's data: motion to training and validation clips, metrics and baselines.
import { UserError } from '../../errors';
import type { DataReport } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import type { Settings } from '../settings';
import type { PreparedData } from '../../training/runtime';
import type { Progress } from '../../formats/progress';
import { poseBaselines } from './baselines';
import { poseDataSettings } from './dataSettings';
import { poseSamples } from './poseSamples';
import { loadSequences } from './sequences';
import { TrainClips } from './trainClips';
import { ScoredClips } from './scoredClips';
import { videosOfAllCameras } from './poseVideos';

/**
 * Reads the data and makes it ready for training. Inputs of a batch: `pose2d` [B, T, 17, 2 or 3] and `pose3d`
 * [B, T, 17, 3], both normalised (spec section 9).
 * @throws UserError when nothing is usable, or one side of the split is empty.
 */
export async function preparePose(data: DataSource, settings: Settings, progress: Progress): Promise<PreparedData> {
  const wanted = poseDataSettings(settings);
  const { sequences, problems, found } = await loadSequences(data, wanted.frameRate, progress);
  const training = sequences.filter(({ split }) => split === 'train');
  const held = sequences.filter(({ split }) => split === 'val');
  const train = new TrainClips(training, wanted);
  const views = videosOfAllCameras(held, wanted.noise);
  const validation = new ScoredClips(views, wanted);
  if (train.count === 0)
    throw new UserError('pose-no-training', 'No recording is left for training; mark more as "train", or add people.');
  if (validation.count === 0)
    throw new UserError(
      'pose-no-validation',
      'No recording is left for validation; mark some as "val", or add people.',
    );

  const counts = train.countsByAction();
  const report: DataReport = {
    found,
    usable: sequences.length,
    ...(data.kind === 'files' && { format: sequences.some(({ kind }) => kind === 'motion') ? 'bvh' : 'human36m' }),
    classes: [...new Set(sequences.map(({ action }) => action))].sort(),
    items: sequences.map(({ name: path, action: label, split }) => ({ path, label, split })),
    samples: poseSamples(sequences),
    unlearnable: sequences.filter(({ frames }) => frames === 1).length,
    problems,
    counts: {
      'train recordings': training.length,
      'val recordings': held.length,
      'train clips': train.count,
      'val clips': validation.count,
      'train frames': training.reduce((sum, { frames }) => sum + frames, 0),
      'val frames': held.reduce((sum, { frames }) => sum + frames, 0),
    },
    groups: Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))),
  };
  return {
    report,
    facts: {},
    trainClips: train.count,
    validationClips: validation.count,
    trainBatch: (clips, random) => train.batch(clips, random),
    validationBatch: (clips) => validation.batch(clips),
    evaluate: (outputs) => validation.evaluate(outputs),
    baselines(reportProgress) {
      reportProgress('baselines', 0, 1);
      return Promise.resolve(poseBaselines(videosOfAllCameras(training, wanted.noise), views));
    },
  };
}
