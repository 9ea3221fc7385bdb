// Everything recorded for the anomaly detector over FG-CLIP: metrics, narrow models; the full-size ones by themselves.
import type { GoldenResult } from '../../helpers/golden';
import { imageCases } from './imageCases';
import { metricCases } from './metricCases';
import { milCases } from './milCases';
import { videoCases } from './videoCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  yield* metricCases(folder).filter(({ name }) => name.includes(only));
  yield* milCases(folder, device, only);
  yield* imageCases(folder, device, only);
  yield* videoCases(folder, device, only);
}

export { longCases } from './longCases';
