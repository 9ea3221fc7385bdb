// What is recorded of temporal action detection's data rules: windows, segments in frames, random truncation, rates.
import type { GoldenGroup } from '../group';
import { ruleCases } from './ruleCases';

const unbuilt = 'the model is not built yet';

export const group: GoldenGroup = {
  tables: [{ files: ['data_rules'], cases: ruleCases }],
  waiting: {
    tiny: unbuilt,
    backbone_full: unbuilt,
    head_full: unbuilt,
    e2e_full: unbuilt,
    postprocess: unbuilt,
    metric: 'mean average precision over segments is not built yet',
  },
};
