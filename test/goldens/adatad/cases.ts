// Everything recorded for action detection: names, metric and post-processing, the narrow model, parts at full width.
import type { GoldenResult } from '../../helpers/golden';
import { backboneCases, headCases, wholeCases } from './fullCases';
import { metricCases } from './metricCases';
import { resultCases } from './resultCases';
import { ruleCases } from './ruleCases';
import { groupCase, nameCase, targetCase, tinyCases } from './tinyCases';

const wanted =
  (only: string) =>
  (name: string): boolean =>
    `${name}/`.includes(only) || only.startsWith(`${name}/`);

/** What needs no GPU. */
export function* dataCases(folder: string, only = ''): Iterable<GoldenResult> {
  const wants = wanted(only);
  for (const file of ['tiny', 'e2e_full'] as const) if (wants(`adatad/${file}/names`)) yield nameCase(folder, file);
  if (wants('adatad/tiny groups')) yield groupCase(folder);
  if (wants('adatad/tiny targets')) yield targetCase(folder);
  if (wants('adatad/rules')) yield* ruleCases(folder);
  if (wants('adatad/metric')) yield* metricCases(folder);
  if (wants('adatad/results')) yield* resultCases(folder);
}

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  yield* dataCases(folder, only);
  yield* tinyCases(folder, device, wanted(only));
}

/**
 * The published network: a chunk with its gradients, the detector with its gradients, a whole window. The gradients of
 * a whole window take minutes and gigabytes: only where `only` asks for them, as `adatad/e2e_full backward`.
 */
export async function* longCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  const wants = wanted(only);
  if (wants('adatad/backbone_full')) yield* backboneCases(folder, await device());
  if (wants('adatad/head_full')) yield* headCases(folder, await device());
  if (wants('adatad/e2e_full')) yield* wholeCases(folder, await device(), { backward: false });
  if (only.includes('e2e_full backward')) yield* wholeCases(folder, await device(), { backward: true });
}
