// The detector against recorded values, as far as no GPU is needed.
import { describe, expect, it } from 'vitest';
import { metricCases } from '../../goldens/remoteclip-detector/metricCases';
import { goldenFolder } from '../../helpers/golden';

const folder = goldenFolder('remoteclip-detector');

describe.skipIf(!folder)('recorded values of the detector', () => {
  it('agrees in metrics, suppression and assignments', () => {
    const results = metricCases(folder!);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length).toBeGreaterThan(30);
  });
});
