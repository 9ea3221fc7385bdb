// Ten thousand damaged files per parser: each is read or refused with a UserError, fast and in little memory.
import { describe, expect, it } from 'vitest';
import { fuzz } from './harness';
import { fuzzTargets } from './targets';

describe('damaged files', () => {
  it.each(fuzzTargets.map((target) => [target.name, target] as const))('do no harm to %s', (_, target) => {
    const report = fuzz(target, { count: 10_000, seed: 1 });
    expect(report.failures.map(({ index, what }) => `input ${index}: ${what}`)).toEqual([]);
    // Damage that is never noticed would mean that the parser hardly looks.
    expect(report.refused).toBeGreaterThan(1000);
    expect(report.refused).toBeLessThan(report.inputs);
  });
});
