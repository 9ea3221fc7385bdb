// The pose task in the train worker: its data, its model on the GPU, its rates, the size of its demo.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { constant, exponential, stepDecay, warmUpCosine, type Schedule } from '../../optim/schedules';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { Settings } from '../settings';
import type { TaskRuntime } from '../../training/runtime';
import type { PoseConfig } from './config';
import { preparePose } from './data';
import { judgePoses } from './judgePoses';
import { poseLoss } from './loss';
import { poseModel } from './model';
import { poseWeights } from './weights';

/** Adapters below this rate (SwiftShader on a few cores) get the smaller demo; Mesa's CPU driver is above it. */
const SMALL_DEMO_BELOW = 18;

const numeric = (settings: Settings, key: string): number => Number(settings[key]);

/** The network that these settings describe. */
export function poseConfig(settings: Settings): PoseConfig {
  return {
    layers: numeric(settings, 'layers'),
    dimIn: settings['confidence'] === true ? 3 : 2,
    dimFeat: numeric(settings, 'width'),
    dimRep: numeric(settings, 'representation'),
    dimOut: 3,
    mlpRatio: numeric(settings, 'mlpRatio'),
    heads: numeric(settings, 'heads'),
    neighbours: Math.min(numeric(settings, 'neighbours'), numeric(settings, 'frames')),
    frames: numeric(settings, 'frames'),
    branch: settings['branch'] as PoseConfig['branch'],
    dropout: numeric(settings, 'dropout'),
    layerScale: numeric(settings, 'layerScale'),
    inputGain: numeric(settings, 'inputGain'),
  };
}

/** The model with its loss for a batch of `batch` clips. */
export function poseDefinition(settings: Settings): ModelDefinition {
  const config = poseConfig(settings);
  const batch = numeric(settings, 'batch');
  const weights = {
    mpjpe: numeric(settings, 'lossMpjpe'),
    nMpjpe: numeric(settings, 'lossNMpjpe'),
    velocity: numeric(settings, 'lossVelocity'),
    limbVariance: numeric(settings, 'lossLimbVariance'),
    limbLength: numeric(settings, 'lossLimbLength'),
    angle: numeric(settings, 'lossAngle'),
    angleVelocity: numeric(settings, 'lossAngleVelocity'),
  };
  return {
    inputs: { pose2d: [batch, config.frames, 17, config.dimIn], pose3d: [batch, config.frames, 17, 3] },
    loss(p: Parameters, inputs) {
      const output = poseModel(p, inputs['pose2d'] as Tensor, config, {
        training: true,
      });
      return poseLoss(output, inputs['pose3d'] as Tensor, weights);
    },
    predict: (p, inputs) => ({
      pose3d: poseModel(p, inputs['pose2d'] as Tensor, config, { training: false }),
    }),
  };
}

/** The rate as a function of the epoch, or of the share of all steps for the cosine. */
function scheduleOf(settings: Settings, base: number, total: number): { schedule: Schedule; perStep: boolean } {
  const warmUp = Math.round(numeric(settings, 'warmUp') * total);
  switch (settings['schedule']) {
    case 'cosine':
      return { schedule: warmUpCosine(base, { warmUp, total, startRatio: 0.05, minimumRatio: 0.01 }), perStep: true };
    case 'exponential':
      return { schedule: exponential(base, numeric(settings, 'decayFactor')), perStep: false };
    case 'step':
      return {
        schedule: stepDecay(base, numeric(settings, 'decayEvery'), numeric(settings, 'decayFactor')),
        perStep: false,
      };
    default:
      return { schedule: constant(base), perStep: false };
  }
}

export const runtime: TaskRuntime = {
  weightRules: poseWeights,
  prepare: preparePose,
  model: poseDefinition,

  learningRate(step, stepsPerEpoch, settings, base) {
    const { schedule, perStep } = scheduleOf(settings, base, stepsPerEpoch * numeric(settings, 'epochs'));
    return schedule(perStep ? step - 1 : Math.floor((step - 1) / stepsPerEpoch));
  },

  demoFacts: {},

  sizeDemo(gigaflops) {
    return { preset: gigaflops < SMALL_DEMO_BELOW ? 'demo-small' : 'demo', settings: {} };
  },

  judge: judgePoses,
};
