// What `npm test` reads out of vitest's report.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorOutsideTests, readVitestReport } from '../../tools/vitestReport';

test('names failed tests, and a file that does not load, by file and the first line of the reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const path = join(folder, 'report.json');
  const assertion = (fullName: string, status: string, ...failureMessages: string[]) => ({
    fullName,
    status,
    failureMessages,
  });
  const file = (name: string, status: string, message: string, ...assertionResults: unknown[]) => ({
    name: resolve(name),
    status,
    message,
    assertionResults,
  });
  const testResults = [
    file('test/a.test.ts', 'failed', '', assertion('adds', 'passed'), assertion('keeps', 'failed', 'no row\n  at x')),
    file('test/b.test.ts', 'failed', 'no such module\nstack'),
    file('test/c.test.ts', 'passed', '', assertion('waits', 'pending')),
  ];
  writeFileSync(path, JSON.stringify({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 1, testResults }));
  expect(readVitestReport(path)).toEqual({
    passed: 1,
    failed: 1,
    pending: 1,
    failures: ['test/a.test.ts: keeps: no row', 'test/b.test.ts: no such module'],
    failedFiles: ['test/a.test.ts', 'test/b.test.ts'],
  });
  rmSync(folder, { recursive: true });
});

test('says what an error outside any test was', () => {
  const printed = [
    '\x1b[31m⎯⎯⎯⎯⎯⎯\x1b[39m\x1b[1m\x1b[41m Unhandled Errors \x1b[49m\x1b[22m',
    'Vitest caught 1 unhandled error during the test run.',
    '\x1b[31m⎯⎯⎯⎯\x1b[39m\x1b[1m\x1b[41m Unhandled Rejection \x1b[49m\x1b[22m',
    '\x1b[31m\x1b[1mTypeError\x1b[22m: lost it\x1b[39m',
    ' ❯ test/a.test.ts:2:45',
  ];
  expect(errorOutsideTests(printed.join('\n'))).toBe('TypeError: lost it');
  expect(errorOutsideTests(' Tests  3 passed (3)')).toBeNull();
});
