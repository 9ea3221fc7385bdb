// Temporal action detection as a task: its settings, presets and metrics.
import { choice, integer, number, toggle } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Settings } from '../settings';
import type { Preset, Remark, Setting, Task } from '../task';

const share = { minimum: 0, maximum: 1 } as const;

const rates: readonly Setting[] = [
  number('training', 'adapterRate', 2e-4, { minimum: 0, maximum: 0.1, midRun: true }),
  integer('training', 'warmUpEpochs', 5, { minimum: 0, maximum: 1000, unit: 'epochs' }),
  integer('training', 'scheduleEpochs', 100, { minimum: 1, maximum: 1000, unit: 'epochs' }),
];

const shared = {
  epochs: 100,
  batch: 1,
  accumulation: 4,
  learningRate: 1e-4,
  schedule: ['cosine', 'constant'],
  weightDecay: 0.05,
  clipNorm: 1,
  emaDecay: 0.999,
  earlyStopMinDelta: { maximum: 1 },
  validateEvery: 2,
} as const;

const settings: readonly Setting[] = [
  ...sharedSettings(shared, rates),
  integer('data', 'frames', 768, { minimum: 32, maximum: 2304, step: 32, unit: 'frames', primary: true }),
  integer('data', 'stride', 4, { minimum: 1, maximum: 64, unit: 'frames', primary: true }),
  integer('data', 'imageSize', 160, { minimum: 32, maximum: 320, step: 16, unit: 'px', primary: true }),
  integer('data', 'windowsPerVideo', 1, { minimum: 1, maximum: 1000 }),
  choice('data', 'placement', ['centre', 'stretch']),
  toggle('data', 'randomCrop', true),
  number('data', 'flip', 0.5, share),
  integer('data', 'operations', 2, { minimum: 0, maximum: 15 }),
  number('data', 'jitterBrightness', 0.5, share),
  number('data', 'jitterContrast', 0.5, share),
  number('data', 'jitterSaturation', 0.5, share),
  number('data', 'jitterHue', 0.1, { minimum: 0, maximum: 0.5 }),
  toggle('data', 'cacheFrames', false),
  integer('model', 'levels', 6, { minimum: 1, maximum: 6, primary: true, data: true }),
  choice('model', 'trained', ['adapters', 'all']),
  integer('model', 'width', 384, { minimum: 24, maximum: 1024, step: 12 }),
  integer('model', 'depth', 12, { minimum: 1, maximum: 32 }),
  integer('model', 'heads', 6, { minimum: 1, maximum: 16 }),
  number('model', 'dropPath', 0.1, { minimum: 0, maximum: 0.9 }),
  integer('model', 'channels', 512, { minimum: 32, maximum: 1024, step: 16 }),
  number('model', 'branchScale', 1e-4, { minimum: 0, maximum: 1 }),
  number('model', 'detectorDropPath', 0.1, { minimum: 0, maximum: 0.9 }),
  number('evaluation', 'overlap', 0.5, { minimum: 0, maximum: 0.9, data: true }),
  number('evaluation', 'suppression', 0.7, { minimum: 0.05, maximum: 5, data: true }),
  number('evaluation', 'threshold', 0.3, share),
  toggle('evaluation', 'judgeTraining', false, { data: true }),
];

/** OpenTAD's run on THUMOS14 (spec section 6): two windows a step, 60 epochs of a cosine over 100. */
const upstream = { epochs: 60, accumulation: 2 } as const;

/** For few videos and weak GPUs: a narrow network for small pictures, all of it trained, from random weights. */
const small = {
  epochs: 24,
  batch: 2,
  accumulation: 1,
  learningRate: 1e-3,
  adapterRate: 1e-3,
  warmUpEpochs: 1,
  scheduleEpochs: 24,
  emaDecay: 0,
  recompute: false,
  mixedPrecision: false,
  frames: 128,
  imageSize: 64,
  windowsPerVideo: 6,
  placement: 'stretch',
  randomCrop: false,
  operations: 0,
  jitterBrightness: 0,
  jitterContrast: 0,
  jitterSaturation: 0,
  jitterHue: 0,
  cacheFrames: true,
  levels: 5,
  trained: 'all',
  width: 96,
  depth: 4,
  heads: 3,
  dropPath: 0,
  channels: 128,
  branchScale: 1e-2,
  detectorDropPath: 0,
  judgeTraining: true,
  validateEvery: 6,
  timeLimitSeconds: 780,
} as const;

/** Made-up figures that act, in pictures so small that a patch shows half a person: few tokens, which soon mean something. */
const demo = {
  ...small,
  epochs: 60,
  batch: 8,
  scheduleEpochs: 60,
  warmUpEpochs: 4,
  frames: 64,
  stride: 2,
  imageSize: 32,
  windowsPerVideo: 1,
  levels: 4,
  judgeTraining: false,
  validateEvery: 10,
  timeLimitSeconds: 270,
} as const;

const presets: readonly Preset[] = [
  { name: 'seed', settings: {} },
  { name: 'upstream', settings: upstream },
  { name: 'small', settings: small },
  { name: 'demo', settings: demo },
];

/** A frozen backbone of another size has nothing to start from; heads must divide the width. */
function remarks(chosen: Settings): Remark[] {
  const found: Remark[] = [];
  if (chosen['trained'] === 'adapters')
    found.push({
      code: 'adatad-frozen',
      message:
        'Only adapters and detector learn: start from VideoMAE’s weights, or the frozen network sees nothing. Without them take the preset “small”.',
      detail: {},
    });
  const [width, heads] = [Number(chosen['width']), Number(chosen['heads'])];
  if (width % heads !== 0)
    found.push({
      code: 'adatad-heads',
      message: `A width of ${width} does not divide into ${heads} heads.`,
      detail: { width, heads },
    });
  return found;
}

const higher = (name: string) => ({ name, unit: '', better: 'higher' }) as const;

export const task: Task = {
  name: 'adatad',
  settings,
  presets,
  framesSetting: 'frames',
  defaultPreset: 'seed',
  softwarePreset: 'small',
  remarks,
  accepts: ['.mp4', '.m4v', '.mov', '.webm', '.mkv', '.json', '.csv', '.tsv', '.txt', '.zip'],
  metric: higher('average mAP'),
  metrics: [
    higher('average mAP'),
    higher('mAP@0.3'),
    higher('mAP@0.4'),
    higher('mAP@0.5'),
    higher('mAP@0.6'),
    higher('mAP@0.7'),
    higher('F1'),
    higher('threshold'),
    higher('training average mAP'),
  ],
};
