// The clip classifier in the train worker: its data, its model on the GPU, its rates, the size of its demo.
import { epochWarmUpCosine, type Schedule } from '../../optim/schedules';
import { EngineTrainer, type TrainerOptions } from '../../training/trainer/engineTrainer';
import type { ModelDefinition } from '../../training/trainer/planTraining';
import type { Settings } from '../settings';
import { CounterRandom, streams } from '../../samples/random';
import type { TaskRuntime } from '../../training/runtime';
import { architectures, type ArchitectureName } from './architecture';
import type { MntsmConfig } from './config';
import { prepareMntsm } from './data';
import { clipDefinition } from './definition';
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

/** All blocks, or as few as keep the run within a number of MiB. */
function recomputeOf(settings: Settings): NonNullable<TrainerOptions['recompute']> {
  const budget = numeric(settings, 'memoryBudget');
  if (budget > 0) return { bytes: budget * 2 ** 20 };
  return settings['recompute'] === true ? 'all' : 'none';
}

/** The rate as a function of the epoch, which counts from 0. */
function scheduleOf(settings: Settings): Schedule {
  const base = numeric(settings, 'learningRate');
  const warmUp = numeric(settings, 'warmUpEpochs');
  if (settings['schedule'] === 'constant') return (epoch) => base * Math.min(1, (epoch + 1) / warmUp);
  const minimum = Math.min(base, numeric(settings, 'minimumRate'));
  return epochWarmUpCosine(base, { warmUp, total: numeric(settings, 'epochs'), minimum });
}

export const runtime: TaskRuntime = {
  weightRules: mntsmWeights,
  prepare: prepareMntsm,

  createTrainer(device, settings, progress, tuning) {
    const seed = numeric(settings, 'seed');
    const random = new CounterRandom(seed, streams.weights, 0);
    return EngineTrainer.create(device, mntsmDefinition(settings), {
      batchSize: numeric(settings, 'batch'),
      accumulation: numeric(settings, 'accumulation'),
      seed,
      random: () => random.next(),
      progress,
      ...(tuning && { tuning }),
      mixedPrecision: settings['mixedPrecision'] === true,
      recompute: recomputeOf(settings),
      optimizer: {
        name: settings['optimizer'] as 'AdamW' | 'Adam',
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: numeric(settings, 'weightDecay'),
        clipNorm: numeric(settings, 'clipNorm'),
      },
    });
  },

  learningRate(step, stepsPerEpoch, settings) {
    return scheduleOf(settings)(Math.floor((step - 1) / stepsPerEpoch));
  },

  sizeDemo() {
    return { preset: 'demo', settings: {} };
  },
};
