// Everything recorded for the anomaly detector over FG-CLIP: metrics, narrow models; the full-size ones by themselves.
import type { GoldenResult } from '../../helpers/golden';
import { videoCases } from './videoCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  yield* videoCases(folder, device, only);
}
