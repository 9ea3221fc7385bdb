// Anomalies in surveillance videos as a task: its settings, presets and metrics (spec sections 7 to 11).
import { choice, integer, number, texts, toggle } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Settings } from '../settings';
import { scoreKinds } from './dataSettings';
import type { Preset, Remark, Setting, Task } from '../task';

const share = { minimum: 0, maximum: 1 } as const;
const weight = { minimum: 0, maximum: 10 } as const;

const rates: readonly Setting[] = [
  number('training', 'textLearningRate', 5e-6, { minimum: 0, maximum: 0.1 }),
  number('training', 'warmUpShare', 0.1, share),
  choice('training', 'sampler', ['balanced', 'none'], { data: true }),
  choice('training', 'frozen', ['nothing', 'tokens', 'vision', 'towers'], { primary: true }),
];

const shared = {
  epochs: 10,
  batch: { value: 2, unit: 'videos' },
  accumulation: 8,
  learningRate: 1e-5,
  schedule: ['cosine', 'constant'],
  weightDecay: 0.01,
  clipNorm: 1,
  checkpointEvery: 100,
  earlyStopPatience: { value: 0, primary: false },
} as const;

const settings: readonly Setting[] = [
  ...sharedSettings(shared, rates),
  integer('data', 'imageSize', 224, { minimum: 32, maximum: 448, step: 16, unit: 'px', primary: true }),
  choice('data', 'sampling', ['whole', 'parts', 'window']),
  integer('data', 'sampleEvery', 16, { minimum: 1, maximum: 1000, unit: 'frames' }),
  number('data', 'flip', 0, share),
  number('data', 'zoom', 0, { minimum: 0, maximum: 0.9 }),
  number('data', 'jitterBrightness', 0, share),
  number('data', 'jitterContrast', 0, share),
  number('data', 'jitterSaturation', 0, share),
  toggle('data', 'learnBoxes', true),
  toggle('data', 'normalPlaces', false),
  number('data', 'validationShare', 0.25, { minimum: 0.01, maximum: 0.9 }),
  toggle('data', 'cacheFrames', true),
  choice('model', 'model', ['ViT-B/16', 'ViT-B/32', 'narrow'], { primary: true }),
  integer('model', 'frames', 256, { minimum: 2, maximum: 1024, unit: 'frames', primary: true, data: true }),
  integer('model', 'regions', 4, { minimum: 1, maximum: 16, data: true }),
  choice('model', 'regionPath', ['roi', 'clips'], { data: true }),
  integer('model', 'clipFrames', 64, { minimum: 2, maximum: 1024, unit: 'frames', data: true }),
  integer('model', 'piece', 16, { minimum: 0, maximum: 1024, unit: 'frames' }),
  toggle('model', 'temporalPositions', false),
  choice('loss', 'contrast', ['step', 'batch']),
  number('loss', 'globalWeight', 1, weight),
  number('loss', 'regionWeight', 0.5, weight),
  number('loss', 'headWeight', 1, weight),
  toggle('loss', 'headTrainsTower', false),
  toggle('loss', 'memoryBank', false),
  choice('evaluation', 'score', scoreKinds, { primary: true, data: true }),
  number('evaluation', 'threshold', 0.5, share),
  number('evaluation', 'temperature', 0.07, { minimum: 0.001, maximum: 10 }),
  texts('evaluation', 'typed', [], { most: 8 }),
  toggle('evaluation', 'judgeTraining', false, { data: true }),
];

/** The recipe that the report used: contrast of two videos, by the texts alone. */
const seed = { model: 'ViT-B/32', contrast: 'batch', headWeight: 0, score: 'text' } as const;

/**
 * From random weights: the tower learns from the weakly supervised head and from regions at once, from other frames,
 * parts and colours of each video every time, without which the head learns little of so few (docs/fgclip-vad.md). Shown
 * is what both say: the head of when, the hottest place of where.
 */
const narrow = {
  epochs: 300,
  batch: 6,
  accumulation: 1,
  learningRate: 1e-3,
  textLearningRate: 1e-3,
  warmUpShare: 0.05,
  checkpointEvery: 0,
  imageSize: 96,
  sampling: 'parts',
  sampleEvery: 4,
  flip: 0.5,
  zoom: 0.3,
  jitterBrightness: 0.2,
  jitterContrast: 0.2,
  jitterSaturation: 0.2,
  model: 'narrow',
  frames: 16,
  regions: 2,
  normalPlaces: true,
  piece: 0,
  frozen: 'tokens',
  contrast: 'batch',
  globalWeight: 0,
  regionWeight: 1,
  headTrainsTower: true,
  score: 'milPlace',
  recompute: false,
  mixedPrecision: false,
  validateEvery: 25,
  judgeTraining: true,
  timeLimitSeconds: 780,
} as const;

/** Small pictures of the drawn square, of which all things have boxes: in a few minutes places learn more than the head. */
const demo = {
  ...narrow,
  epochs: 42,
  sampleEvery: 3,
  regions: 4,
  validateEvery: 14,
  score: 'place',
  judgeTraining: false,
  timeLimitSeconds: 285,
} as const;

const presets: readonly Preset[] = [
  { name: 'full', settings: {} },
  { name: 'light', settings: { model: 'ViT-B/32', frames: 64 } },
  { name: 'frozen', settings: { frozen: 'towers', learningRate: 1e-4 } },
  { name: 'seed', settings: seed },
  { name: 'narrow', settings: narrow },
  { name: 'demo', settings: demo },
];

const digits = (value: number): string => value.toFixed(2);

/** Losses of a model that guesses; scores that nothing trains; contrast that is none. */
function remarks(settings: Settings): Remark[] {
  const of = (key: string): number => Number(settings[key]);
  const videos = of('batch') * (settings['contrast'] === 'step' ? of('accumulation') : 1);
  const regions = videos * of('regions');
  const found: Remark[] = [];
  const add = (code: string, message: string, detail = {}): void => void found.push({ code, message, detail });
  if (of('globalWeight') > 0 || of('regionWeight') > 0) {
    const [global, region] = [digits(Math.log(videos)), digits(Math.log(regions))];
    add(
      'fgclip-vad-chance',
      `Chance: among ${videos} videos guessing gives a global loss of ${global}, among ${regions} regions one of up to ${region} (before weighting); the head’s binary loss starts at 0.69.`,
      { videos, regions, global, region },
    );
  }
  if (of('globalWeight') > 0 && videos < 2)
    add('fgclip-vad-no-contrast', 'One video has nothing to be told apart from: the global loss is always 0.');
  if (of('headWeight') === 0 && ['mil', 'align', 'mean', 'milPlace'].includes(String(settings['score'])))
    add('fgclip-vad-no-head', 'Nothing trains the weakly supervised head: the score by the texts is shown instead.');
  if (of('globalWeight') === 0 && (settings['score'] === 'text' || settings['score'] === 'mean'))
    add('fgclip-vad-no-text', 'Nothing trains the score by the texts: show the score of the weakly supervised head.');
  return found;
}

const higher = (name: string) => ({ name, unit: '', better: 'higher' }) as const;

export const task: Task = {
  name: 'fgclip-vad',
  settings,
  presets,
  framesSetting: 'frames',
  defaultPreset: 'full',
  softwarePreset: 'narrow',
  remarks,
  accepts: ['.mp4', '.m4v', '.mov', '.webm', '.mkv', '.avi', '.json', '.txt', '.gz', '.zip'],
  metric: higher('frame AUC'),
  metrics: [
    higher('frame AUC'),
    higher('frame AP'),
    higher('AnoAUC'),
    higher('AnoAP'),
    higher('video AUC'),
    higher('average mAP'),
    ...[0.1, 0.2, 0.3, 0.4, 0.5].map((at) => higher(`mAP@${at}`)),
    higher('pointing game'),
    higher('frame AUC, text'),
    higher('frame AUC, place'),
    higher('frame AUC, mil'),
    higher('frame AUC, align'),
    higher('frame AUC, mean'),
    higher('frame AUC, milPlace'),
    higher('training frame AUC'),
  ],
};
