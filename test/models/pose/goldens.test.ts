// The pose task against recorded values, as far as no GPU is needed.
import { describe, expect, it } from 'vitest';
import { dataCases } from '../../goldens/pose/dataCases';
import { goldenFolder, type GoldenResult } from '../../helpers/golden';

const folder = goldenFolder('pose');

describe.skipIf(!folder)('recorded values of the pose task', () => {
  it('agrees in kinematics, geometry, metrics and protocol', async () => {
    const results: GoldenResult[] = [];
    for await (const result of dataCases(folder!)) results.push(result);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });
});
