// Everything recorded for the detector over CLIP's RN50: metrics, narrow towers, the full-size one.
import { isLong, type GoldenGroup } from '../group';
import { detectorCases } from './detectorCases';
import { longCases } from './longCases';
import { metricCases } from './metricCases';
import { simpleCases } from './simpleCases';

export const group: GoldenGroup = {
  tables: [{ files: ['metrics_detection'], cases: metricCases }],
  tensors: [
    { files: ['full_rn50'], takes: isLong, cases: longCases },
    { files: ['tiny_detector'], takes: (file) => file.has('input.boxes.0'), cases: detectorCases },
    { files: ['tiny_simple'], takes: (file) => file.has('input.images'), cases: simpleCases },
  ],
};
