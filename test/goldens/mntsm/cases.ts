// Everything recorded for the clip classifier: names and places, narrow models; the full-size ones by themselves.
import type { GoldenResult } from '../../helpers/golden';
import { fullCases } from './longCases';
import { modelCases, modelFiles, namesOf } from './modelCases';
import { operatorCases } from './operatorCases';
import { tableCases } from './tableCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  for (const file of modelFiles) if (`mntsm/${file}/names`.includes(only)) yield namesOf(folder, file);
  yield* tableCases(folder, only);
  yield* operatorCases(folder, device, only);
  yield* modelCases(folder, device, only);
}

/** The published networks at full size: minutes of arithmetic. */
export async function* longCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  yield* fullCases(folder, device, only);
}
