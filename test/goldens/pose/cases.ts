// Everything recorded for the pose task: data and metrics, tiny models, the training curve; the full model by itself.
import type { GoldenResult } from '../../helpers/golden';
import { dataCases } from './dataCases';
import { curveCases, fullCases } from './longCases';
import { lossCases } from './lossCases';
import { modelCases } from './modelCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  const wants = (name: string): boolean => only === '' || name.includes(only) || only.includes(name);
  yield* dataCases(folder, only);
  if (wants('pose/loss')) yield* lossCases(folder, device);
  yield* modelCases(folder, device, only);
  if (wants('pose/curve')) yield* curveCases(folder, device);
}

/** The published model at its full size: minutes of arithmetic. */
export async function* longCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  if (only === '' || 'pose/full_243'.includes(only) || only.includes('pose/full_243')) yield* fullCases(folder, device);
}
