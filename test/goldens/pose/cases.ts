// Everything recorded for the pose task: kinematics and geometry, metrics and protocol, losses, models, a curve.
import type { Recording } from '../../helpers/recording';
import { isLong, type GoldenGroup } from '../group';
import { fullModel, smallModel } from '../steps';
import { bvhCases } from './bvhCases';
import { curveCases } from './curveCases';
import { flipCases } from './flipCases';
import { fullSteps } from './fullSteps';
import { skeletonCases } from './geometryCases';
import { lossCases } from './lossCases';
import { metricCases, protocolCases } from './metricCases';
import { recordedPose } from './model';

const isModel = (file: Recording): boolean =>
  'n_layers' in file.json<object>('config', {}) && 'loss_weights' in file.json<object>('recipe', {});

export const group: GoldenGroup = {
  tensors: [
    { files: ['bvh_projection'], cases: bvhCases },
    { files: ['eval_protocol'], cases: protocolCases },
    {
      files: ['metrics'],
      async *cases(file, device) {
        yield* metricCases(file);
        yield* skeletonCases(file);
        yield* lossCases(file, await device());
      },
    },
    { files: ['curve'], takes: (file) => file.has('loss.curve'), cases: curveCases },
    {
      files: ['full_243'],
      takes: (file) => isModel(file) && isLong(file),
      async *cases(file, device) {
        const model = recordedPose(file);
        yield* fullModel(model, device, { recompute: 'all' });
        yield* fullSteps(model, await device());
      },
    },
    {
      files: ['tiny_seed', 'tiny_seed_adam', 'tiny_full3', 'tiny_baseline', 'tiny_init', 'tiny_init_adam'],
      takes: isModel,
      async *cases(file, device) {
        const model = recordedPose(file);
        // Variants of the kernels are tried where a file holds every block's output.
        yield* smallModel(model, device, { variants: file.after('output.train.layers.').length > 0 });
        yield* flipCases(model, await device());
      },
    },
  ],
};
