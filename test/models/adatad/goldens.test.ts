// Action detection against recorded values, as far as no GPU is needed.
import { describe, expect, it } from 'vitest';
import { dataCases } from '../../goldens/adatad/cases';
import { goldenFolder } from '../../helpers/golden';

const folder = goldenFolder('adatad');

describe.skipIf(!folder)('recorded values of action detection', () => {
  it('agrees in names, groups, targets, data rules, post-processing and metric', () => {
    const results = [...dataCases(folder!)];
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(14);
  });
});
