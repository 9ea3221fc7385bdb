// What `npm test` reads out of vitest's report.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readVitestReport } from '../../tools/vitestReport';

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
