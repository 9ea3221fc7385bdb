// What vitest's JSON report says: how many tests passed, and which did not and why.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Tests that were not run, as where material is absent. */
  readonly pending?: number | undefined;
  /** A line each: file, test and the first line of what it says. */
  readonly failures?: readonly string[];
  /** Files with failures, relative to the working directory. */
  readonly failedFiles?: readonly string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Reads the report of a run; throws where there is none. A file that does not load is a failure. */
export function readVitestReport(path: string): Count {
  const report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  const failures: string[] = [];
  const failedFiles: string[] = [];
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    for (const one of failed) failures.push(`${file}: ${one.fullName}: ${firstLine(one.failureMessages[0])}`);
    if (failed.length === 0 && status === 'failed') failures.push(`${file}: ${firstLine(message)}`);
    if (status === 'failed') failedFiles.push(file);
  }
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: pending } = report;
  return { passed, failed, pending, failures, failedFiles };
}

const firstLine = (text: string | undefined): string => (text ?? '').split('\n', 1)[0]!;

/** What vitest prints of an error that no test had; it stands in no report. Null where there is none. */
export function errorOutsideTests(output: string): string | null {
  const lines = stripVTControlCharacters(output).split('\n');
  const heading = lines.findIndex((line) => /Unhandled (Error|Rejection|Errors)/.test(line));
  if (heading < 0) return null;
  return lines.slice(heading + 1).find((line) => /^\w*Error\b/.test(line)) ?? lines[heading]!.trim();
}
