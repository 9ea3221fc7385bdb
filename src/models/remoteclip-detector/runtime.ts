// The detector in the train worker: its data, its model on the GPU, its groups of parameters and their rates.
import type { WeightSource } from '../../formats/openWeights';
import type { Settings } from '../settings';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { ParameterGroup, TaskRuntime } from '../../training/runtime';
import { constant, stepDecay, warmUpCosine, type Schedule } from '../../optim/schedules';
import { rn50, rn50Text, TEMPERATURE, type DetectorConfig, type ImageTowerConfig } from './config';
import { prepareDetector, type DetectorFacts } from './data';
import { classifierDefinition, detectorDefinition, type ClassSource } from './definition';
import { demoClasses } from './demoScene';
import { lossWeights } from './loss';
import { matcherWeights } from './matching';
import { judgePictures } from './judgePictures';
import { isDetector, remoteclipWeights, textActivationOf } from './weights';

const numeric = (settings: Settings, key: string): number => Number(settings[key]);

/** Channels per head of the attention pooling, as in RN50. */
const HEAD = 64;

function imageConfig(settings: Settings, facts: DetectorFacts): ImageTowerConfig {
  const side = numeric(settings, 'imageSize');
  if (settings['tower'] !== 'narrow') return { ...rn50, side };
  const width = numeric(settings, 'towerWidth');
  const heads = Math.max(1, (32 * width) / HEAD);
  return { blocks: [1, 1, 1, 1], width, side, heads, features: facts.givenFeatures || 4 * width };
}

/** The network that these settings describe. */
export function detectorConfig(settings: Settings, facts: DetectorFacts): DetectorConfig {
  const width = numeric(settings, 'decoderWidth');
  return {
    image: imageConfig(settings, facts),
    decoder: {
      width,
      queries: numeric(settings, 'queries'),
      layers: numeric(settings, 'decoderLayers'),
      heads: Math.max(1, width / 32),
      inner: 4 * width,
      gateInner: 2 * width,
      classInner: 2 * width,
      dropout: numeric(settings, 'dropout'),
    },
    temperature: TEMPERATURE,
  };
}

function classSource(settings: Settings, { tokens }: DetectorFacts): ClassSource {
  switch (settings['classFeatures']) {
    case 'texts': {
      const activation = settings['textActivation'] === 'quick_gelu' ? 'quick_gelu' : 'gelu';
      return { kind: 'texts', tower: { ...rn50Text, activation }, tokens: Uint32Array.from(tokens.flat()) };
    }
    case 'given':
      return { kind: 'given' };
    default:
      return { kind: 'learned' };
  }
}

/** The model with its loss that these settings describe. */
export function detectorModel(settings: Settings, facts: DetectorFacts): ModelDefinition {
  const config = detectorConfig(settings, facts);
  const options = {
    batch: numeric(settings, 'batch'),
    classes: facts.classes.length,
    source: classSource(settings, facts),
    queries: settings['queryKind'] === 'learned' ? ('learned' as const) : ('image' as const),
    batchStatistics: settings['norms'] === 'batch',
    loss: {
      ...lossWeights,
      l1: numeric(settings, 'lossL1'),
      giou: numeric(settings, 'lossGiou'),
      contrast: numeric(settings, 'lossContrast'),
      crossEntropy: numeric(settings, 'lossClass'),
      background: numeric(settings, 'backgroundWeight'),
    },
    matcher: { ...matcherWeights, class: numeric(settings, 'matcherClass'), copies: numeric(settings, 'targetCopies') },
  };
  return settings['stage'] === 'classifier'
    ? classifierDefinition(config, options)
    : detectorDefinition(config, options);
}

const isNorm = (name: string): boolean => /^visual\..*(bn\d|downsample\.1)\.(weight|bias)$/.test(name);
const isTower = (name: string): boolean => name.startsWith('visual.');

/** The tower has a rate of its own; the text tower stands still. */
export function detectorGroups(settings: Settings): readonly ParameterGroup[] {
  const weightDecay = numeric(settings, 'weightDecay');
  const heads = numeric(settings, 'learningRate');
  const tower = numeric(settings, 'towerRate') * heads;
  const frozen = settings['freezeTower'] === true || tower === 0;
  const hasHeads = settings['stage'] === 'detector' || settings['classFeatures'] === 'learned';
  return [
    ...(settings['norms'] === 'frozen'
      ? [{ name: 'norms', has: isNorm, learningRate: tower, weightDecay: 0, frozen: true }]
      : []),
    { name: 'tower', has: isTower, learningRate: tower, weightDecay, frozen },
    ...(hasHeads ? [{ name: 'heads', has: isDetector, learningRate: heads, weightDecay }] : []),
    ...(settings['classFeatures'] === 'texts'
      ? [{ name: 'texts', learningRate: 0, weightDecay: 0, frozen: true }]
      : []),
  ];
}

/** The rate by step for the cosine, by epoch for the others; both count from 0. */
function scheduleOf(settings: Settings, base: number, stepsPerEpoch: number): Schedule {
  const epochs = numeric(settings, 'epochs');
  const byEpoch =
    (schedule: Schedule): Schedule =>
    (step) =>
      schedule(Math.floor(step / stepsPerEpoch));
  switch (settings['schedule']) {
    case 'cosine': {
      const total = epochs * stepsPerEpoch;
      const warmUp = Math.round(numeric(settings, 'warmUp') * total);
      return warmUpCosine(base, { warmUp, total, startRatio: 0.05, minimumRatio: 0.01 });
    }
    case 'step':
      return byEpoch(stepDecay(base, numeric(settings, 'decayEvery'), numeric(settings, 'decayFactor')));
    default:
      return constant(base);
  }
}

/** Which activation the text tower needs, where the person leaves that to the file. Throws UserError where it does not say. */
function textsFrom(source: WeightSource, settings: Settings): Settings {
  const open = settings['classFeatures'] === 'texts' && settings['textActivation'] === 'file';
  return open ? { textActivation: textActivationOf(source) } : {};
}

export const runtime: TaskRuntime<DetectorFacts> = {
  weightRules: remoteclipWeights,
  demoFacts: { classes: demoClasses, tokens: [], givenFeatures: 0, keptDetail: 1 },
  prepare: prepareDetector,
  model: detectorModel,
  parameterGroups: detectorGroups,
  settingsFrom: textsFrom,
  judge: judgePictures,
  learningRate: (step, stepsPerEpoch, settings, base) => scheduleOf(settings, base, stepsPerEpoch)(step - 1),
  sizeDemo: () => ({ preset: 'demo', settings: {} }),
};
