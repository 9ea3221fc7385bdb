// Recorded operators: every case of every file on every variant of the kernels, optimisers, and tables of rates.
import type { GoldenGroup } from '../group';
import type { Adapters, HostAdapters } from './adapter';
import { activationAdapters } from './adapters/activation';
import { attentionAdapters } from './adapters/attention';
import { boxAdapters, boxHostAdapters } from './adapters/boxes';
import { convolutionAdapters } from './adapters/convolution';
import { elementwiseAdapters } from './adapters/elementwise';
import { indexingAdapters } from './adapters/indexing';
import { lossAdapters } from './adapters/loss';
import { matmulAdapters } from './adapters/matmul';
import { normalizationAdapters } from './adapters/normalization';
import { poolingAdapters } from './adapters/pooling';
import { resizingAdapters } from './adapters/resizing';
import { sequenceAdapters } from './adapters/sequence';
import { groupCases } from './group';
import { optimizerCases } from './optimizerCases';
import { schedulerCases } from './schedulerCases';

const adapters: Adapters = {
  ...matmulAdapters,
  ...normalizationAdapters,
  ...activationAdapters,
  ...attentionAdapters,
  ...elementwiseAdapters,
  ...indexingAdapters,
  ...convolutionAdapters,
  ...lossAdapters,
  ...sequenceAdapters,
  ...boxAdapters,
  ...poolingAdapters,
  ...resizingAdapters,
};
const hostAdapters: HostAdapters = boxHostAdapters;

export const group: GoldenGroup = {
  tensors: [
    { files: ['optimizer'], takes: (file) => file.has('input.step1.g0'), cases: optimizerCases },
    {
      files: [
        ...['activation', 'attention', 'batchnorm', 'boxes', 'conv1d', 'conv2d', 'conv3d', 'elementwise', 'groupnorm'],
        ...['index', 'interpolate', 'layernorm', 'loss', 'matmul', 'pool', 'scan', 'softmax', 'temporal_shift'],
      ],
      takes: (file) => 'cases' in file.metadata,
      cases: (file, device) => groupCases(file, { adapters, hostAdapters }, device),
    },
  ],
  tables: [{ files: ['scheduler'], cases: schedulerCases }],
};
