// Everything recorded for action detection: the narrow model, parts and whole at full width, rules, results, metric.
import type { GoldenGroup } from '../group';
import { backboneCases, headCases, wholeCases } from './fullCases';
import { metricCases } from './metricCases';
import { resultCases } from './resultCases';
import { ruleCases } from './ruleCases';
import { tinyCases } from './tinyCases';

export const group: GoldenGroup = {
  tensors: [
    { files: ['tiny'], cases: tinyCases },
    { files: ['postprocess'], cases: resultCases },
    { files: ['backbone_full'], cases: backboneCases },
    { files: ['head_full'], cases: headCases },
    { files: ['e2e_full'], cases: wholeCases },
  ],
  tables: [
    { files: ['data_rules'], cases: ruleCases },
    { files: ['metric'], cases: metricCases },
  ],
};
