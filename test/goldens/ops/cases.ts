// Recorded operators: every case whose operator we have, on every variant of the kernels.
import { readdirSync } from 'node:fs';
import type { GoldenResult } from '../../helpers/golden';
import type { Adapters, HostAdapters } from './adapter';
import { activationAdapters } from './adapters/activation';
import { attentionAdapters } from './adapters/attention';
import { convolutionAdapters } from './adapters/convolution';
import { boxAdapters, boxHostAdapters } from './adapters/boxes';
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

const groups: Readonly<Record<string, Adapters>> = {
  matmul: matmulAdapters,
  layernorm: normalizationAdapters,
  batchnorm: normalizationAdapters,
  groupnorm: normalizationAdapters,
  activation: activationAdapters,
  softmax: activationAdapters,
  attention: attentionAdapters,
  elementwise: elementwiseAdapters,
  index: indexingAdapters,
  conv1d: { ...convolutionAdapters, ...sequenceAdapters },
  conv2d: convolutionAdapters,
  conv3d: convolutionAdapters,
  loss: lossAdapters,
  scan: sequenceAdapters,
  temporal_shift: indexingAdapters,
  boxes: boxAdapters,
  pool: poolingAdapters,
  interpolate: resizingAdapters,
};

const hostGroups: Readonly<Record<string, HostAdapters>> = { boxes: boxHostAdapters };

/** Verdicts case by case; operators that the engine does not have yet are named at the end. */
export async function* cases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only?: string,
): AsyncIterable<GoldenResult> {
  const missing: string[] = [];
  for (const [group, adapters] of Object.entries(groups)) {
    const hostAdapters = hostGroups[group] ?? {};
    yield* groupCases(folder, group, { adapters, hostAdapters }, await device(), only, missing);
  }
  yield* optimizerCases(folder, await device(), only);
  const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  for (const group of files.map((name) => name.slice(0, -'.safetensors'.length))) {
    if (!groups[group] && group !== 'optimizer') missing.push(`all of ${group}`);
  }
  if (missing.length > 0) console.log(`     ops not yet: ${missing.join(', ')}`);
}
