// `npm test`: every check with its own heading and duration, all of them even after a failure, one count at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireBrowser } from './browser';
import { exitStatus, readArguments, UsageError } from './commandLine';
import { timeTable, type Lane } from './timeTable';
import { errorOutsideTests, readVitestReport, type Count } from './vitestReport';

interface Part {
  readonly name: string;
  readonly heading: string;
  readonly command: readonly string[];
  /** What to make of the output; without it the part counts as one. */
  readonly count?: (output: string) => Count;
  /** Whichever lane is free takes it; the others run one after the other in the first lane. */
  readonly anywhere?: boolean;
  /** Runs the files with failures once more, alone, and lets that decide; both outcomes are told. */
  readonly again?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Several times what a part takes on an idle machine: a slow one shall be waited for, a hung part shall not. */
const minutesPerPart = 40;
const scratch = mkdtempSync(join(tmpdir(), 'tabtune-test-'));

const bin = (name: string) => join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const tool = (...args: string[]) => [process.execPath, 'tools/run.mjs', ...args];

function vitestPart(name: string, heading: string): Part {
  const report = join(scratch, `${name}.json`);
  const command = [
    ...[bin('vitest'), 'run', '--project', name],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ];
  return { name, heading, command, count: () => readVitestReport(report) };
}

function lastCount(output: string): Count {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  if (found === undefined) throw new Error('the part ended without its count');
  return { passed: Number(found[1]), failed: Number(found[2]) };
}

/** Mesa's CPU driver then translates kernels faster into slower code: right where kernels run once. */
const untuned = { GALLIVM_PERF: 'nopt' };

// What may run anywhere stands with the longest first, so that both lanes end at about the same time.
const parts: readonly Part[] = [
  { name: 'adapter', heading: 'Adapter', command: tool('adapter') },
  { name: 'build', heading: 'Build', command: [bin('vite'), 'build', '--logLevel', 'warn'] },
  { ...vitestPart('browser', 'Tests inside Chromium'), again: true },
  { ...vitestPart('e2e', 'The page, driven from outside'), again: true },
  {
    name: 'goldens',
    heading: 'Goldens',
    command: tool('goldens', '--quick'),
    count: lastCount,
    anywhere: true,
    env: untuned,
  },
  {
    name: 'long',
    heading: 'Goldens of full-size models',
    command: tool('goldens', '--long'),
    count: lastCount,
    anywhere: true,
  },
  { ...vitestPart('node', 'Unit tests in Node'), anywhere: true },
  { name: 'lint', heading: 'Lint', command: ['npm', 'run', '--silent', 'lint'], anywhere: true },
  { name: 'types', heading: 'Types', command: ['npm', 'run', '--silent', 'check'], anywhere: true },
  {
    name: 'isa',
    heading: 'Kernels compiled for GPUs',
    command: tool('isa', '--check'),
    // Elsewhere than on Debian with Mesa's pretended cards it says that it was skipped.
    count: (output) => ({ passed: /^SKIPPED/m.test(output) ? 0 : 1, failed: 0 }),
    anywhere: true,
  },
];

/** Children under way: all of them go when this program is interrupted. */
const running = new Set<() => void>();

/** Runs a command to its end or the time limit and hears its output as it comes. */
async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  hear: (text: string) => void,
): Promise<number> {
  const [program, ...args] = command;
  const grouped = process.platform !== 'win32';
  // A group of its own, so that a part that hangs goes with all its children.
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: grouped,
    shell: !grouped,
    env: { ...env, ...process.env },
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(grouped ? -child.pid : child.pid, 'SIGKILL');
  };
  const limit = setTimeout(() => {
    hear(`no end after ${minutesPerPart} minutes: stopped\n`);
    kill();
  }, minutesPerPart * 60_000);
  running.add(kill);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      hear(`${error.message}\n`);
      resolve(1);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
  clearTimeout(limit);
  running.delete(kill);
  return code;
}

/** What a part's end means; an unreadable report is told through `hear`. */
function countOf(part: Part, code: number, output: string, hear: (text: string) => void): Count {
  if (part.count === undefined) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  let count: Count = { passed: 0, failed: 0 };
  try {
    count = part.count(output);
  } catch (error) {
    hear(`no count: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  // An error outside any test fails the part without failing a test.
  if (code === 0 || count.failed > 0) return count;
  const failures = [...(count.failures ?? []), `${part.name}: ${errorOutsideTests(output) ?? `ended with ${code}`}`];
  return { ...count, failed: 1, failures };
}

const usage = `usage: npm test [-- PART...]
  --help             only show this
parts: ${parts.map(({ name }) => name).join(', ')} (default: all)`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => testAll(args));
}

async function testAll(args: readonly string[]): Promise<number> {
  const options = { help: { type: 'boolean', default: false } } as const;
  const { values, positionals: names } = readArguments(args, usage, options, 'names');
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) throw new UsageError(`There is no part ${unknown.join(', ')}.\n${usage}`);
  const started = performance.now();
  const chosen = parts.filter((part) => names.length === 0 || names.includes(part.name));
  // Where the browser is missing it is installed before the first part, or the sentence says what to install.
  process.env.CHROMIUM ??= requireBrowser();
  process.once('SIGINT', () => {
    for (const kill of running) kill();
    process.exit(130);
  });
  const summary = new Map<Part, Outcome>();
  // Two lanes: what drives a browser keeps the first, one at a time, and helps with the rest when it is through. What
  // a part says is shown as it comes in the first lane, and at its end in the second.
  const anywhere = chosen.filter((part) => part.anywhere);
  const lanes = [chosen.filter((part) => !part.anywhere), [] as Part[]];
  const laneSeconds = [0, 0];
  await Promise.all(
    lanes.map(async (lane, number) => {
      for (const part of lane) summary.set(part, await runPart(part, true));
      for (let part = anywhere.shift(); part; part = anywhere.shift()) {
        lane.push(part);
        summary.set(part, await runPart(part, number === 0));
      }
      laneSeconds[number] = secondsSince(started);
    }),
  );
  rmSync(scratch, { recursive: true, force: true });
  const results = chosen.map((part) => summary.get(part)!);
  const passed = results.reduce((sum, one) => sum + one.passed, 0);
  const failed = results.reduce((sum, one) => sum + one.failed, 0);
  const table = lanes.map((lane, number): Lane => {
    const rows = lane.map((part) => ({ heading: part.heading, ...summary.get(part)! }));
    return { name: number === 0 ? 'first lane' : 'beside it', seconds: laneSeconds[number]!, rows };
  });
  const failures = results.flatMap((one) => one.failures ?? []);
  const lines = ['', ...timeTable(table, secondsSince(started)), ...(failures.length > 0 ? ['', ...failures] : [])];
  console.log([...lines, '', `${passed} passed, ${failed} failed`].join('\n'));
  return failed === 0 ? 0 : 1;
}

interface Outcome extends Count {
  readonly seconds: number;
}

/** More files than these fail for a reason, not by the chance of a shared machine. */
const mostFilesAgain = 2;
const mostSecondsAgain = 120;

/** Where a part allows it, its files with failures run once more; what failed at first stays among the failures' lines. */
async function runOnceMore(part: Part, first: Count, seconds: number, hear: (text: string) => void): Promise<Count> {
  const files = first.failedFiles ?? [];
  if (!part.again || first.failed === 0 || files.length > mostFilesAgain) return first;
  // Without a file to blame the error was outside any test: then all of a short part runs again.
  if (files.length === 0 && seconds > mostSecondsAgain) return first;
  hear(`\n${first.failed} failed: ${files.length > 0 ? files.join(', ') : part.heading} once more\n`);
  let output = '';
  const code = await run([...part.command, ...files], part.env ?? {}, (text) => {
    output += text;
    hear(text);
  });
  const second = countOf(part, code, output, hear);
  const failures = [...(first.failures ?? []).map((line) => `at first: ${line}`), ...(second.failures ?? [])];
  const passed = files.length > 0 ? first.passed + Math.max(0, first.failed - second.failed) : second.passed;
  return { passed, failed: second.failed, pending: first.pending, failures };
}

const secondsSince = (time: number): number => (performance.now() - time) / 1000;

async function runPart(part: Part, live: boolean): Promise<Outcome> {
  const heading = `\n== ${part.heading}\n`;
  let output = '';
  if (live) process.stdout.write(heading);
  const hear = (text: string) => {
    output += text;
    if (live) process.stdout.write(text);
  };
  const started = performance.now();
  const code = await run(part.command, part.env ?? {}, hear);
  const count = await runOnceMore(part, countOf(part, code, output, hear), secondsSince(started), hear);
  const seconds = secondsSince(started);
  if (count.pending) hear(`${count.pending} tests did not run\n`);
  const verdict = `${count.passed} passed, ${count.failed} failed, ${seconds.toFixed(1)} s`;
  process.stdout.write(`${live ? '' : heading + output}-- ${part.heading}: ${verdict}\n`);
  return { ...count, seconds };
}
