// The action detector in the train worker: its data, its model on the GPU, its groups and rates, the size of its demo.
import { constant, linearWarmUpCosine } from '../../optim/schedules';
import type { TaskRuntime } from '../../training/runtime';
import { prepareAdatad, type AdatadFacts } from './data';
import { adatadDefinition } from './definition';
import { demoClasses } from './demoVideos';
import { parameterGroup, type ParameterGroup } from './groups';
import { judgeActions } from './judgeActions';
import { adatadWeights } from './weights';

/** Where upstream's cosine ends. */
const LOWEST_RATE = 1e-8;

export const runtime: TaskRuntime<AdatadFacts> = {
  weightRules: adatadWeights,
  // In the order in which classes are read from files.
  demoFacts: { classes: [...demoClasses].sort() },
  prepare: prepareAdatad,
  model: adatadDefinition,

  parameterGroups(settings) {
    const [rate, adapterRate, decay] = ['learningRate', 'adapterRate', 'weightDecay'].map((key) =>
      Number(settings[key]),
    );
    const group = (name: ParameterGroup, learningRate: number, weightDecay: number) => ({
      ...{ name, learningRate, weightDecay },
      has: (parameter: string) => parameterGroup(parameter) === name,
    });
    return [group('adapter', adapterRate!, decay!), group('decayed', rate!, decay!), group('plain', rate!, 0)];
  },

  learningRate(step, stepsPerEpoch, settings, base) {
    const warmUp = Number(settings['warmUpEpochs']) * stepsPerEpoch;
    const epochs = Math.max(Number(settings['scheduleEpochs']), Number(settings['epochs']));
    const total = Math.max(epochs * stepsPerEpoch, warmUp + 1);
    if (settings['schedule'] === 'constant') return constant(base)(step - 1);
    return linearWarmUpCosine(base, { warmUp, total, minimum: LOWEST_RATE })(step - 1);
  },

  judge: judgeActions,

  sizeDemo() {
    return { preset: 'demo', settings: {} };
  },
};
