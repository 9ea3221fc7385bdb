// What was thrown becomes a report: a missing connection is nobody's mistake.
import { expect, test } from 'vitest';
import { reportOf } from '../../src/ui/state/errorReports';
import { errorReport } from '../../src/training/session/errorReport';

test('a part of the page that did not arrive is told as that, by page and worker', () => {
  const thrown = new TypeError('Failed to fetch dynamically imported module: https://example.org/assets/runtime-1.js');
  expect(reportOf(thrown)).toMatchObject({ kind: 'user', code: 'part-missing' });
  expect(errorReport(thrown)).toMatchObject({ kind: 'user', code: 'part-missing' });
  expect(reportOf(new TypeError('x is undefined'))).toMatchObject({ kind: 'bug' });
});
