// The table at the end of `npm test`.
import { expect, test } from 'vitest';
import { timeTable } from '../../tools/timeTable';

test('names what each lane spent its time on, and leaves out a lane that had nothing to do', () => {
  const lint = { heading: 'Lint', passed: 1, failed: 0, seconds: 20.04 };
  const node = { heading: 'Unit tests', passed: 900, failed: 2, seconds: 100 };
  const first = { name: 'first lane', seconds: 120.04, rows: [lint, node] };
  expect(timeTable([first, { name: 'beside it', seconds: 0, rows: [] }], 120.1)).toEqual([
    '              seconds   passed   failed',
    'first lane      120.0',
    '  Lint           20.0        1        0',
    '  Unit tests    100.0      900        2',
    'together        120.1',
  ]);
});
