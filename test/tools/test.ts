// `npm test`: every check with its own heading and duration, all of them even after a failure, one count at the end.
//
//   npm test [-- NAME...]     only the parts with these names
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireBrowser } from './browser';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Part {
  readonly name: string;
  readonly heading: string;
  readonly command: readonly string[];
  /** What to make of the output; without it the part counts as one. */
  readonly count?: (output: string) => Count;
}

const minutesPerPart = 15;
const scratch = mkdtempSync(join(tmpdir(), 'tabtune-test-'));

const bin = (name: string) => join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const tool = (...args: string[]) => [process.execPath, 'test/tools/run.mjs', ...args];

function vitestPart(name: string, heading: string): Part {
  const report = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name,
    heading,
    command: [bin('vitest'), 'run', '--project', name, ...reporters],
    count: () => {
      const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = readReport(report);
      if (numPendingTests > 0) console.log(`${numPendingTests} of ${numTotalTests} tests did not run`);
      return { passed: numPassedTests, failed: numFailedTests };
    },
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTotalTests: number;
}

function readReport(path: string): VitestReport {
  return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
}

function lastCount(output: string): Count {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  if (found === undefined) throw new Error('the part ended without its count');
  return { passed: Number(found[1]), failed: Number(found[2]) };
}

const parts: readonly Part[] = [
  { name: 'adapter', heading: 'Adapter', command: tool('adapter') },
  { name: 'lint', heading: 'Lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'types', heading: 'Types', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'build', heading: 'Build', command: [bin('vite'), 'build', '--logLevel', 'warn'] },
  vitestPart('node', 'Unit tests in Node'),
  { name: 'goldens', heading: 'Goldens', command: tool('goldens'), count: lastCount },
  vitestPart('browser', 'Tests inside Chromium'),
  vitestPart('e2e', 'The page, driven from outside'),
];

/** Runs a command to its end or the time limit; its output is shown as it comes and also returned. */
async function run(command: readonly string[]): Promise<{ code: number; output: string }> {
  const [program, ...args] = command;
  const grouped = process.platform !== 'win32';
  // A group of its own, so that a part that hangs goes with all its children.
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: grouped, shell: !grouped });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(grouped ? -child.pid : child.pid, 'SIGKILL');
  };
  const limit = setTimeout(() => {
    console.log(`no end after ${minutesPerPart} minutes: stopped`);
    kill();
  }, minutesPerPart * 60_000);
  const interrupt = () => {
    kill();
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => process.stderr.write(text));
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      console.log(error.message);
      resolve(1);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
  clearTimeout(limit);
  process.off('SIGINT', interrupt);
  return { code, output };
}

function countOf(part: Part, code: number, output: string): Count {
  if (part.count === undefined) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  let count: Count = { passed: 0, failed: 0 };
  try {
    count = part.count(output);
  } catch (error) {
    console.log(`no count: ${error instanceof Error ? error.message : String(error)}`);
  }
  // A file that does not load or an error outside any test fails the part without failing a test.
  return code !== 0 && count.failed === 0 ? { passed: count.passed, failed: 1 } : count;
}

export async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`no part ${unknown.join(', ')}; parts: ${parts.map((part) => part.name).join(', ')}`);
    return 2;
  }
  const chosen = parts.filter((part) => names.length === 0 || names.includes(part.name));
  // Where the browser is missing it is installed before the first part, or the sentence says what to install.
  process.env.CHROMIUM ??= requireBrowser();
  let passed = 0;
  let failed = 0;
  const summary: string[] = [];
  for (const part of chosen) {
    console.log(`\n== ${part.heading}`);
    const started = performance.now();
    const { code, output } = await run(part.command);
    const count = countOf(part, code, output);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    passed += count.passed;
    failed += count.failed;
    summary.push(`${part.heading.padEnd(32)} ${count.passed} passed, ${count.failed} failed, ${seconds} s`);
    console.log(`-- ${summary.at(-1)!}`);
  }
  rmSync(scratch, { recursive: true, force: true });
  console.log(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
