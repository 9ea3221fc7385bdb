// 2D-to-3D pose lifting as a task: its settings, presets and metrics.
import { choice, integer, number, toggle } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Preset, Setting, Task } from '../task';

const schedule: readonly Setting[] = [
  integer('training', 'decayEvery', 3, { minimum: 1, maximum: 1000, unit: 'epochs' }),
  number('training', 'decayFactor', 0.9, { minimum: 0.01, maximum: 1 }),
  number('training', 'warmUp', 0, { minimum: 0, maximum: 0.5 }),
];

const shared = {
  epochs: 5,
  learningRate: 1e-4,
  schedule: ['step', 'exponential', 'cosine', 'constant'],
  weightDecay: 1e-5,
  seed: { primary: true },
  earlyStopPatience: { unit: 'epochs' },
  earlyStopMinDelta: { unit: 'mm' },
  mixedPrecision: false,
} as const;

const settings: readonly Setting[] = [
  ...sharedSettings(shared, schedule),
  integer('data', 'frames', 243, { minimum: 1, maximum: 486, unit: 'frames', primary: true }),
  integer('data', 'stride', 81, { minimum: 1, maximum: 486, unit: 'frames' }),
  number('data', 'frameRate', 50, { minimum: 1, maximum: 240, unit: 'Hz' }),
  choice('data', 'cameras', ['four', 'random']),
  number('data', 'noise', 0, { minimum: 0, maximum: 50, unit: 'px' }),
  number('data', 'outliers', 0, { minimum: 0, maximum: 1 }),
  number('data', 'flip', 0, { minimum: 0, maximum: 1 }),
  toggle('data', 'rootRelative', false),
  toggle('data', 'centreInput', false),
  toggle('data', 'confidence', false),
  choice('model', 'branch', ['mamba-gcn', 'full', 'none']),
  integer('model', 'layers', 16, { minimum: 1, maximum: 32, primary: true }),
  integer('model', 'width', 128, { minimum: 8, maximum: 512, step: 8, primary: true }),
  integer('model', 'representation', 512, { minimum: 8, maximum: 2048, step: 8 }),
  integer('model', 'mlpRatio', 4, { minimum: 1, maximum: 8 }),
  integer('model', 'heads', 4, { minimum: 1, maximum: 16 }),
  integer('model', 'neighbours', 4, { minimum: 1, maximum: 16 }),
  number('model', 'dropout', 0.1, { minimum: 0, maximum: 0.9 }),
  number('model', 'layerScale', 1e-5, { minimum: 0, maximum: 1 }),
  number('model', 'inputGain', 1, { minimum: 0.01, maximum: 100 }),
  number('loss', 'lossMpjpe', 1, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossNMpjpe', 0, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossVelocity', 0, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossLimbVariance', 0, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossLimbLength', 0, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossAngle', 0, { minimum: 0, maximum: 1000 }),
  number('loss', 'lossAngleVelocity', 0, { minimum: 0, maximum: 1000 }),
  toggle('evaluation', 'testFlip', false, { data: true }),
];

const upstream = {
  epochs: 60,
  batch: 16,
  learningRate: 5e-4,
  weightDecay: 0.01,
  schedule: 'exponential',
  decayFactor: 0.99,
  flip: 0.5,
  rootRelative: true,
  confidence: true,
  branch: 'none',
  heads: 8,
  neighbours: 2,
  lossNMpjpe: 0.5,
  lossVelocity: 20,
  testFlip: true,
} as const;

/** Short clips and a narrow network of the same architecture: what a CPU that plays a GPU can train. */
const narrow = {
  epochs: 4,
  batch: 16,
  learningRate: 2e-3,
  schedule: 'cosine',
  warmUp: 0.05,
  clipNorm: 1,
  frames: 3,
  stride: 3,
  frameRate: 30,
  flip: 0.5,
  rootRelative: true,
  layers: 2,
  width: 32,
  representation: 64,
  mlpRatio: 2,
  dropout: 0,
  layerScale: 1,
  centreInput: true,
  inputGain: 5,
  recompute: false,
} as const;

/** Twelve hundred small steps, judged four times: under a minute on a software adapter. */
const demo = {
  ...narrow,
  epochs: 4,
  stride: 12,
  batch: 8,
  learningRate: 4e-3,
  flip: 0,
  layers: 1,
  timeLimitSeconds: 55,
} as const;

const presets: readonly Preset[] = [
  { name: 'mamba-gcn', settings: {} },
  { name: 'full', settings: { branch: 'full' } },
  { name: 'motionagformer-base', settings: upstream },
  { name: 'motionagformer-small', settings: { ...upstream, layers: 26, width: 64 } },
  { name: 'motionagformer-xsmall', settings: { ...upstream, layers: 12, width: 64 } },
  { name: 'motionagformer-large', settings: { ...upstream, layers: 26 } },
  { name: 'narrow', settings: narrow },
  { name: 'demo', settings: demo },
  { name: 'demo-small', settings: { ...demo, width: 16, timeLimitSeconds: 90 } },
];

export const task: Task = {
  name: 'pose',
  settings,
  presets,
  // Its demo needs neither files nor a video decoder.
  rank: 0,
  framesSetting: 'frames',
  defaultPreset: 'narrow',
  accepts: ['.bvh', '.npz', '.json', '.zip'],
  metric: { name: 'P1', unit: 'mm', better: 'lower' },
  metrics: [
    { name: 'P1', unit: 'mm', better: 'lower' },
    { name: 'P2', unit: 'mm', better: 'lower' },
    { name: 'N-MPJPE', unit: 'mm', better: 'lower' },
    { name: 'velocity', unit: 'mm', better: 'lower' },
    { name: 'acceleration', unit: 'mm', better: 'lower' },
    { name: 'PCK@150', unit: '%', better: 'higher' },
    { name: 'AUC', unit: '%', better: 'higher' },
    { name: 'normalised error ×500', unit: '', better: 'lower' },
  ],
};
