// Everything recorded for the detector over CLIP's RN50: metrics, narrow towers; the full-size one by itself.
import type { GoldenResult } from '../../helpers/golden';
import { detectorCases } from './detectorCases';
import { metricCases } from './metricCases';
import { simpleCases } from './simpleCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  yield* metricCases(folder).filter(({ name }) => name.includes(only));
  yield* simpleCases(folder, device, only);
  yield* detectorCases(folder, device, only);
}

export { longCases } from './longCases';
