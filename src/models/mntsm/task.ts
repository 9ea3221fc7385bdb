// Manipulated faces in video clips as a task: its settings, presets and metrics (spec section 14).
import { choice, integer, number, toggle } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Settings } from '../settings';
import type { Preset, Remark, Setting, Task } from '../task';

const share = { minimum: 0, maximum: 1 } as const;

const sampling: readonly Setting[] = [
  integer('training', 'warmUpEpochs', 3, { minimum: 0, maximum: 1000, unit: 'epochs' }),
  number('training', 'minimumRate', 3e-5, { minimum: 0, maximum: 0.1 }),
  choice('training', 'sampler', ['balanced', 'none'], { primary: true, data: true }),
];

const shared = {
  epochs: 50,
  batch: 32,
  accumulation: 2,
  learningRate: 3e-4,
  schedule: ['cosine', 'constant'],
  earlyStopPatience: 10,
  earlyStopMinDelta: { value: 0.002, maximum: 1 },
  validateEvery: 2,
} as const;

const settings: readonly Setting[] = [
  ...sharedSettings(shared, sampling),
  integer('data', 'imageSize', 224, { minimum: 32, maximum: 512, step: 16, unit: 'px', primary: true }),
  choice('data', 'normalisation', ['inception', 'imagenet', 'none']),
  choice('data', 'faceCrop', ['none', 'centre', 'found']),
  number('data', 'cropShare', 1, { minimum: 0.1, maximum: 1 }),
  number('data', 'faceMargin', 1.3, { minimum: 0.5, maximum: 4 }),
  number('data', 'cropJitter', 0, { minimum: 0, maximum: 0.5 }),
  number('data', 'clipSeconds', 2, { minimum: 0.05, maximum: 60, unit: 's' }),
  number('data', 'strideSeconds', 1, { minimum: 0.05, maximum: 60, unit: 's' }),
  number('data', 'picturesPerSecond', 25, { minimum: 0.1, maximum: 240, unit: '1/s' }),
  choice('data', 'trainingClips', ['random', 'windows']),
  choice('data', 'split', ['official', 'identity', 'video']),
  number('data', 'validationShare', 0.1, { minimum: 0.01, maximum: 0.8 }),
  number('data', 'testShare', 0.1, { minimum: 0, maximum: 0.8 }),
  number('data', 'flip', 0.5, share),
  number('data', 'jitterBrightness', 0.2, share),
  number('data', 'jitterContrast', 0.2, share),
  number('data', 'jitterSaturation', 0.2, share),
  number('data', 'jitterHue', 0.1, { minimum: 0, maximum: 0.5 }),
  toggle('data', 'augmentPerFrame', false),
  toggle('data', 'cacheFrames', true),
  choice('model', 'model', ['mobilenetv4_conv_small_050', 'mobilenetv4_conv_small', 'mobilenetv4_conv_medium'], {
    primary: true,
  }),
  integer('model', 'segments', 8, { minimum: 1, maximum: 64, unit: 'frames', data: true }),
  choice('model', 'shiftPlacement', ['depthwise', 'residual', 'early', 'middle', 'late', 'none']),
  integer('model', 'foldDivisor', 4, { minimum: 2, maximum: 64 }),
  choice('model', 'shiftFirst', ['past', 'future']),
  choice('model', 'shiftEdges', ['replicate', 'zeros']),
  choice('model', 'pooling', ['learned', 'logit', 'mean', 'max'], { primary: true }),
  number('model', 'dropout', 0.3, { minimum: 0, maximum: 0.9 }),
  choice('model', 'headStart', ['linear', 'timm']),
  number('model', 'frozenShare', 0.3333, share),
  choice('model', 'frozenPart', ['both', 'statistics', 'affine']),
  choice('loss', 'loss', ['focal', 'bce']),
  number('loss', 'gamma', 2, { minimum: 0, maximum: 10 }),
  choice('loss', 'positiveWeight', ['none', 'ratio', 'squareRoot'], { data: true }),
  choice('evaluation', 'evaluationPooling', ['logits', 'probabilities']),
  number('evaluation', 'threshold', 0.5, { ...share, data: true }),
  toggle('evaluation', 'judgeTraining', false, { data: true }),
  toggle('evaluation', 'judgeTest', false, { data: true }),
];

const noAugmentation = {
  flip: 0,
  jitterBrightness: 0,
  jitterContrast: 0,
  jitterSaturation: 0,
  jitterHue: 0,
} as const;

/** What the recommendations start from; its clips are eight frames in a row, which is 0.32 s at 25 Hz. */
const baseline = {
  ...noAugmentation,
  accumulation: 1,
  learningRate: 1e-3,
  schedule: 'constant',
  warmUpEpochs: 0,
  mixedPrecision: false,
  earlyStopPatience: 8,
  earlyStopMinDelta: 0,
  clipSeconds: 0.32,
  foldDivisor: 8,
  pooling: 'mean',
  dropout: 0,
  frozenShare: 0,
  sampler: 'none',
  loss: 'bce',
  positiveWeight: 'ratio',
  validateEvery: 1,
} as const;

/** What DxzUESTC/MNTSM really runs (spec section 12). */
const upstream = {
  ...noAugmentation,
  mixedPrecision: false,
  normalisation: 'none',
  trainingClips: 'windows',
  split: 'video',
  pooling: 'logit',
  headStart: 'timm',
  dropout: 0,
  frozenShare: 1,
  frozenPart: 'affine',
  positiveWeight: 'squareRoot',
  validateEvery: 1,
  evaluationPooling: 'probabilities',
} as const;

/**
 * Small pictures of the face alone, single frames of many videos in a batch, no freezing and no dropout: for a CPU that
 * plays a GPU, and for a few dozen videos from random weights (docs/mntsm.md says what each of these bought).
 */
const narrow = {
  epochs: 40,
  batch: 32,
  accumulation: 1,
  learningRate: 1e-3,
  warmUpEpochs: 2,
  minimumRate: 5e-5,
  imageSize: 96,
  faceCrop: 'centre',
  cropShare: 0.7,
  cropJitter: 0.15,
  segments: 1,
  clipSeconds: 0.05,
  strideSeconds: 0.1,
  jitterBrightness: 0.1,
  jitterContrast: 0.1,
  jitterSaturation: 0.1,
  jitterHue: 0.05,
  loss: 'bce',
  dropout: 0,
  frozenShare: 0,
  recompute: false,
  mixedPrecision: false,
  earlyStopPatience: 0,
  validateEvery: 5,
  judgeTraining: true,
  timeLimitSeconds: 840,
} as const;

/** Made-up faces close up, where the camera's own pixels show what was laid over them: under a minute on a software adapter. */
const demo = {
  ...narrow,
  epochs: 8,
  batch: 8,
  // At the full rate from the first step on the network stays at chance for the whole minute.
  warmUpEpochs: 3,
  learningRate: 3e-3,
  minimumRate: 1.5e-4,
  imageSize: 48,
  cropShare: 0.6,
  cropJitter: 0,
  segments: 4,
  clipSeconds: 0.34,
  strideSeconds: 0.5,
  jitterBrightness: 0.05,
  jitterContrast: 0.05,
  jitterSaturation: 0.05,
  jitterHue: 0,
  judgeTraining: false,
  validateEvery: 2,
  timeLimitSeconds: 55,
} as const;

const presets: readonly Preset[] = [
  { name: 'recommended', settings: {} },
  { name: 'small', settings: { model: 'mobilenetv4_conv_small', normalisation: 'imagenet' } },
  { name: 'medium', settings: { model: 'mobilenetv4_conv_medium', normalisation: 'imagenet', batch: 16 } },
  { name: 'baseline', settings: baseline },
  { name: 'upstream', settings: upstream },
  { name: 'narrow', settings: narrow },
  { name: 'demo', settings: demo },
];

/** Classes that are balanced twice; how many epochs the patience of early stopping is. */
function remarks(settings: Settings): Remark[] {
  const found: Remark[] = [];
  if (settings['sampler'] === 'balanced' && settings['positiveWeight'] !== 'none')
    found.push({
      code: 'mntsm-balanced-twice',
      message:
        'Sampler and weight of manipulated both even out the classes: together they correct twice. Switch one of them off.',
      detail: {},
    });
  const [validations, every] = [Number(settings['earlyStopPatience']), Number(settings['validateEvery'])];
  const epochs = validations * every;
  if (validations > 0 && every > 1)
    found.push({
      code: 'mntsm-patience',
      message: `Early stop waits for ${validations} validations, which are ${epochs} epochs here.`,
      detail: { validations, epochs },
    });
  return found;
}

const higher = (name: string) => ({ name, unit: '', better: 'higher' }) as const;
const lower = (name: string) => ({ name, unit: '', better: 'lower' }) as const;

export const task: Task = {
  name: 'mntsm',
  settings,
  presets,
  framesSetting: 'segments',
  defaultPreset: 'recommended',
  softwarePreset: 'narrow',
  remarks,
  accepts: ['.mp4', '.m4v', '.mov', '.webm', '.mkv', '.jpg', '.jpeg', '.png', '.webp', '.json', '.zip'],
  metric: higher('video AUC'),
  metrics: [
    higher('video AUC'),
    higher('clip AUC'),
    higher('video AP'),
    higher('clip AP'),
    lower('video EER'),
    lower('clip EER'),
    higher('video F1'),
    higher('clip F1'),
    higher('video accuracy'),
    higher('clip accuracy'),
    higher('video balanced accuracy'),
    higher('clip balanced accuracy'),
    higher('training video AUC'),
    higher('test video AUC'),
  ],
};
