// The anomaly detector in the train worker: its data, its model on the GPU, its rates, the size of its demo.
import { warmUpCosine } from '../../optim/schedules';
import type { TaskRuntime } from '../../training/runtime';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { Settings } from '../settings';
import { architectures, type FgclipConfig } from './config';
import { prepareFgclip } from './data';
import { demoTexts } from './demoFiles';
import { demoThings } from './demoVideos';
import { detectorDefinition, type DetectorOptions, type TextSizes } from './definition';
import { judgeAnomalies } from './judgeAnomalies';
import { bankConfig } from './memoryBank';
import { milConfig } from './milHead';
import { runGroups, type FrozenPart } from './parameterGroups';
import { factsOfNames, type FgclipFacts } from './texts';
import { fgclipWeights } from './weights';

const numeric = (settings: Settings, key: string): number => Number(settings[key]);

/** The network that these settings describe. */
export function fgclipConfig(settings: Settings): FgclipConfig {
  const architecture: FgclipConfig = architectures[settings['model'] as keyof typeof architectures];
  return { ...architecture, vision: { ...architecture.vision, side: numeric(settings, 'imageSize') } };
}

/** How it is trained. */
export function detectorOptions(settings: Settings): DetectorOptions {
  const frames = numeric(settings, 'frames');
  return {
    videos: numeric(settings, 'batch'),
    frames,
    regions: numeric(settings, 'regions'),
    weights: {
      global: numeric(settings, 'globalWeight'),
      region: numeric(settings, 'regionWeight'),
      head: numeric(settings, 'headWeight'),
    },
    regionPath: settings['regionPath'] === 'clips' ? 'clips' : 'roi',
    clipFrames: numeric(settings, 'clipFrames'),
    contrast: settings['contrast'] === 'batch' ? 'batch' : 'step',
    bank: settings['memoryBank'] === true ? bankConfig : null,
    piece: numeric(settings, 'piece'),
    headTrainsTower: settings['headTrainsTower'] === true,
    temporalPositions: settings['temporalPositions'] === true,
    temperature: numeric(settings, 'temperature'),
    head: { ...milConfig, frames: Math.max(frames, milConfig.frames) },
  };
}

/** The model with its loss that these settings describe, for texts of these lengths. */
export function fgclipDefinition(settings: Settings, sizes: TextSizes): ModelDefinition {
  return detectorDefinition(fgclipConfig(settings), detectorOptions(settings), sizes);
}

export const runtime: TaskRuntime<FgclipFacts> = {
  weightRules: fgclipWeights,
  demoFacts: factsOfNames(demoThings, undefined, demoTexts),
  judge: judgeAnomalies,
  prepare: prepareFgclip,
  model: fgclipDefinition,

  parameterGroups(settings) {
    const rates = {
      main: numeric(settings, 'learningRate'),
      text: numeric(settings, 'textLearningRate'),
      weightDecay: numeric(settings, 'weightDecay'),
    };
    return runGroups(rates, settings['frozen'] as FrozenPart);
  },

  learningRate(step, stepsPerEpoch, settings, base) {
    const total = stepsPerEpoch * numeric(settings, 'epochs');
    const warmUp = Math.ceil(numeric(settings, 'warmUpShare') * total);
    if (settings['schedule'] === 'constant') return base * Math.min(1, step / Math.max(1, warmUp));
    return warmUpCosine(base, { warmUp, total })(step - 1);
  },

  sizeDemo() {
    return { preset: 'demo', settings: {} };
  },
};
