// The clip classifier in the train worker: its data, its model on the GPU, its rates, the size of its demo.
import { epochWarmUpCosine, type Schedule } from '../../optim/schedules';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { Settings } from '../settings';
import type { TaskRuntime } from '../../training/runtime';
import { architectures, type ArchitectureName } from './architecture';
import type { MntsmConfig } from './config';
import { prepareMntsm } from './data';
import { clipDefinition } from './definition';
import { judgeFaces } from './judgeFaces';
import { layersInShare } from './places';
import { mntsmWeights } from './weights';

const numeric = (settings: Settings, key: string): number => Number(settings[key]);

/** The network that these settings describe. */
export function mntsmConfig(settings: Settings): MntsmConfig {
  const architecture = architectures[settings['model'] as ArchitectureName];
  return {
    architecture,
    segments: numeric(settings, 'segments'),
    shift: {
      placement: settings['shiftPlacement'] as MntsmConfig['shift']['placement'],
      foldDivisor: numeric(settings, 'foldDivisor'),
      first: settings['shiftFirst'] as MntsmConfig['shift']['first'],
      edges: settings['shiftEdges'] as MntsmConfig['shift']['edges'],
    },
    pooling: settings['pooling'] as MntsmConfig['pooling'],
    dropout: numeric(settings, 'dropout'),
    frozenNorms: {
      layers: layersInShare(architecture, numeric(settings, 'frozenShare')),
      what: settings['frozenPart'] as MntsmConfig['frozenNorms']['what'],
    },
    headStart: settings['headStart'] as MntsmConfig['headStart'],
  };
}

/** The model with its loss that these settings describe. */
export function mntsmDefinition(settings: Settings): ModelDefinition {
  return clipDefinition(mntsmConfig(settings), {
    batch: numeric(settings, 'batch'),
    side: numeric(settings, 'imageSize'),
    gamma: settings['loss'] === 'focal' ? numeric(settings, 'gamma') : 0,
    upstreamScores: settings['evaluationPooling'] === 'probabilities',
  });
}

/** The rate as a function of the epoch, which counts from 0. */
function scheduleOf(settings: Settings, base: number): Schedule {
  const warmUp = numeric(settings, 'warmUpEpochs');
  if (settings['schedule'] === 'constant') return (epoch) => base * Math.min(1, (epoch + 1) / warmUp);
  const minimum = Math.min(base, numeric(settings, 'minimumRate'));
  return epochWarmUpCosine(base, { warmUp, total: numeric(settings, 'epochs'), minimum });
}

export const runtime: TaskRuntime = {
  weightRules: mntsmWeights,
  prepare: prepareMntsm,
  model: mntsmDefinition,

  learningRate(step, stepsPerEpoch, settings, base) {
    return scheduleOf(settings, base)(Math.floor((step - 1) / stepsPerEpoch));
  },

  demoFacts: {},

  sizeDemo() {
    return { preset: 'demo', settings: {} };
  },

  judge: judgeFaces,
};
