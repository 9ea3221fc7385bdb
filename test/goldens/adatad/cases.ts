// Everything recorded for action detection: names, metric and post-processing, the narrow model, parts at full width.
import type { GoldenResult } from '../../helpers/golden';
import { metricCases } from './metricCases';
import { resultCases } from './resultCases';
import { nameCase, tinyCases } from './tinyCases';

/** Cases whose name contains `only`, quick ones first. */
export async function* cases(folder: string, device: () => Promise<GPUDevice>, only = ''): AsyncIterable<GoldenResult> {
  const wants = (name: string): boolean => name.includes(only) || only.startsWith(name);
  for (const file of ['tiny', 'e2e_full'] as const) if (wants(`adatad/${file}/names`)) yield nameCase(folder, file);
  if (wants('adatad/metric')) yield* metricCases(folder);
  if (wants('adatad/results')) yield* resultCases(folder);
  yield* tinyCases(folder, device, only);
}
