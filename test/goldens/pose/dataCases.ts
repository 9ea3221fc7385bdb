// All recorded values of the pose task that need no GPU.
import type { GoldenResult } from '../../helpers/golden';
import { bvhCases } from './bvhCases';
import { projectionCases, skeletonCases } from './geometryCases';
import { metricCases, protocolCases } from './metricCases';

/** Yields every comparison whose name holds `only`. */
export async function* dataCases(folder: string, only = ''): AsyncIterable<GoldenResult> {
  const files = {
    bvh: bvhCases,
    projection: projectionCases,
    skeleton: skeletonCases,
    metrics: metricCases,
    protocol: protocolCases,
  };
  for (const [file, cases] of Object.entries(files))
    for (const result of await cases(folder)) {
      const name = `${file}: ${result.name}`;
      if (name.includes(only)) yield { ...result, name };
    }
}
