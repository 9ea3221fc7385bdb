// Objects seen from above as a task: settings, presets and metrics of the detector over CLIP's RN50.
import { choice, integer, number, text, texts, toggle } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Settings } from '../settings';
import type { Preset, Remark, Setting, Task } from '../task';

const schedule: readonly Setting[] = [
  number('training', 'warmUp', 0, { minimum: 0, maximum: 0.5 }),
  integer('training', 'decayEvery', 10, { minimum: 1, maximum: 1000, unit: 'epochs' }),
  number('training', 'decayFactor', 0.5, { minimum: 0.01, maximum: 1 }),
  number('training', 'towerRate', 0.1, { minimum: 0, maximum: 10 }),
  toggle('training', 'freezeTower', false, { primary: true }),
];

const shared = {
  epochs: 10,
  batch: { value: 8, unit: 'pictures' },
  learningRate: 1e-4,
  schedule: ['constant', 'cosine', 'step'],
  weightDecay: 1e-4,
  clipNorm: 0.1,
  earlyStopPatience: { primary: false },
  mixedPrecision: false,
} as const;

const settings: readonly Setting[] = [
  ...sharedSettings(shared, schedule),
  choice('data', 'stage', ['detector', 'classifier'], { primary: true }),
  integer('data', 'imageSize', 224, { minimum: 64, maximum: 1024, step: 32, unit: 'px', primary: true }),
  choice('data', 'pictures', ['tiles', 'stretch']),
  integer('data', 'tilesPerPicture', 0, { minimum: 0, maximum: 1000 }),
  number('data', 'boxShare', 0.7, { minimum: 0, maximum: 1 }),
  number('data', 'keptShare', 0.3, { minimum: 0.01, maximum: 1 }),
  text('data', 'oneClass', '', { most: 60 }),
  choice('data', 'normalisation', ['clip', 'imagenet']),
  number('data', 'flip', 0.5, { minimum: 0, maximum: 1 }),
  toggle('data', 'turns', true),
  number('data', 'cropJitter', 0.2, { minimum: 0, maximum: 0.8 }),
  number('data', 'jitterBrightness', 0, { minimum: 0, maximum: 1 }),
  number('data', 'jitterContrast', 0, { minimum: 0, maximum: 1 }),
  number('data', 'jitterSaturation', 0, { minimum: 0, maximum: 1 }),
  number('data', 'jitterHue', 0, { minimum: 0, maximum: 0.5 }),
  toggle('data', 'cacheFrames', true),
  choice('data', 'classFeatures', ['learned', 'texts', 'given'], { primary: true }),
  text('data', 'prompt', '{}', { most: 200 }),
  choice('model', 'textActivation', ['file', 'gelu', 'quick_gelu']),
  choice('model', 'tower', ['rn50', 'narrow']),
  integer('model', 'towerWidth', 16, { minimum: 4, maximum: 64, step: 4 }),
  choice('model', 'norms', ['statistics', 'batch', 'frozen']),
  choice('model', 'queryKind', ['image', 'learned']),
  integer('model', 'queries', 100, { minimum: 1, maximum: 900 }),
  integer('model', 'decoderLayers', 6, { minimum: 1, maximum: 12 }),
  integer('model', 'decoderWidth', 256, { minimum: 32, maximum: 512, step: 32 }),
  number('model', 'dropout', 0.1, { minimum: 0, maximum: 0.9 }),
  number('loss', 'lossL1', 5, { minimum: 0, maximum: 100 }),
  number('loss', 'lossGiou', 2, { minimum: 0, maximum: 100 }),
  number('loss', 'lossContrast', 1, { minimum: 0, maximum: 100 }),
  number('loss', 'lossClass', 1, { minimum: 0, maximum: 100 }),
  number('loss', 'backgroundWeight', 0.1, { minimum: 0, maximum: 1 }),
  number('loss', 'matcherClass', 1, { minimum: 0, maximum: 100 }),
  integer('loss', 'targetCopies', 1, { minimum: 1, maximum: 20 }),
  number('evaluation', 'overlap', 0.25, { minimum: 0, maximum: 0.75, data: true }),
  number('evaluation', 'minScore', 0.05, { minimum: 0, maximum: 1, data: true }),
  number('evaluation', 'nmsThreshold', 0.7, { minimum: 0.1, maximum: 1, data: true }),
  number('evaluation', 'shownScore', 0.5, { minimum: 0.05, maximum: 1 }),
  number('evaluation', 'judgedRate', 5, { minimum: 0, maximum: 240, unit: 'frames/s' }),
  texts('evaluation', 'names', [], { most: 200 }),
];

/** The published run: whole pictures against frozen text features. */
const published = {
  stage: 'classifier',
  pictures: 'stretch',
  normalisation: 'imagenet',
  classFeatures: 'texts',
  norms: 'batch',
  weightDecay: 0.01,
  clipNorm: 0,
  towerRate: 1,
  flip: 0,
  turns: false,
  cropJitter: 0,
} as const;

/** A narrow tower from random weights: what a CPU that plays a GPU can train. */
const narrow = {
  epochs: 60,
  learningRate: 1.5e-3,
  schedule: 'cosine',
  warmUp: 0.03,
  towerRate: 1,
  imageSize: 160,
  tower: 'narrow',
  norms: 'batch',
  queries: 40,
  decoderLayers: 2,
  decoderWidth: 64,
  dropout: 0,
  validateEvery: 5,
  recompute: false,
} as const;

const demo = { ...narrow, epochs: 80, imageSize: 96, queries: 20, cropJitter: 0, validateEvery: 10 } as const;

const presets: readonly Preset[] = [
  { name: 'remoteclip', settings: { classFeatures: 'texts' } },
  { name: 'frozen-tower', settings: { classFeatures: 'texts', freezeTower: true, towerRate: 0 } },
  { name: 'published', settings: published },
  { name: 'narrow', settings: narrow },
  { name: 'demo', settings: demo },
  {
    name: 'demo-classifier',
    settings: { ...demo, stage: 'classifier', pictures: 'stretch', epochs: 30, validateEvery: 5 },
  },
];

function remarks({ classFeatures, tower }: Settings): Remark[] {
  const found: Remark[] = [];
  if (classFeatures === 'learned')
    found.push({
      code: 'remoteclip-detector-learned-classes',
      message: 'Class features are learned: the model knows the classes of the data and no name that is typed later.',
      detail: {},
    });
  if (tower === 'narrow')
    found.push({
      code: 'remoteclip-detector-from-scratch',
      message:
        "The narrow tower starts from random weights. DETR's authors advise 10,000 pictures from scratch; from few it learns little beyond their scenes.",
      detail: {},
    });
  return found;
}

const higher = (name: string) => ({ name, unit: '', better: 'higher' }) as const;

export const task: Task = {
  name: 'remoteclip-detector',
  settings,
  presets,
  defaultPreset: 'remoteclip',
  softwarePreset: 'narrow',
  remarks,
  accepts: ['.jpg', '.jpeg', '.png', '.webp', '.bmp', '.xml', '.json', '.txt', '.gz', '.safetensors', '.zip'],
  metric: higher('mAP@50'),
  metrics: [
    higher('mAP@50'),
    higher('mAP@75'),
    higher('mAP@50:95'),
    higher('mAP@50 (11 points)'),
    higher('recall@50:95'),
    higher('mAP@50:95 small'),
    higher('mAP@50:95 medium'),
    higher('mAP@50:95 large'),
    higher('scene top-1'),
    higher('top-1'),
    higher('top-5'),
  ],
};
