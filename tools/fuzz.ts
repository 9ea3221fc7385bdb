// `npm run fuzz`: damaged files against the parsers for as long as wanted.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuzz, type FuzzTarget } from '../test/fuzz/harness';
import { fuzzTargets } from '../test/fuzz/targets';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';

/** Failing inputs are kept here. */
const folder = 'out/fuzz';

const usage = `usage: npm run fuzz -- [PARSER...] [option...]
  --count N          inputs for each parser (default 100000)
  --seed N           of the inputs (default: that of the day)
  --help             only show this
parsers: ${fuzzTargets.map(({ name }) => name).join(', ')} (default: all)`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => fuzzAll(args));
}

function fuzzAll(args: readonly string[]): number {
  const options = {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, 'names');
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const unknown = positionals.filter((name) => !fuzzTargets.some((target) => target.name === name));
  if (unknown.length > 0) throw new UsageError(`There is no parser ${unknown.join(', ')}.\n${usage}`);
  const count = numberIn('--count', values.count, { least: 1, whole: true });
  const seed = numberIn('--seed', values.seed, { least: 0, whole: true });
  const chosen = fuzzTargets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const failed = chosen.map((target) => run(target, count, seed)).filter((ok) => !ok).length;
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function run(target: FuzzTarget, count: number, seed: number): boolean {
  const started = performance.now();
  const { inputs, refused, failures, slowestMilliseconds, largestGrowthBytes } = fuzz(target, { count, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${target.name.padEnd(16)} seed ${seed}: ${inputs} inputs in ${seconds} s, ${refused} refused, slowest ${slowestMilliseconds.toFixed(1)} ms, most memory ${Math.round(largestGrowthBytes / 1024)} KiB, ${failures.length} failed`,
  );
  for (const { index, what, input } of failures) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${target.name}-${seed}-${index}.bin`);
    writeFileSync(file, input);
    console.log(`  ${file}: ${what}`);
  }
  return failures.length === 0;
}
