// `npm run fuzz`: damaged files against the parsers for as long as wanted.
//
//   npm run fuzz -- [parser...] [--count n] [--seed s]     default: all parsers, 100,000 inputs, seed of the day
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, type FuzzTarget } from '../test/fuzz/harness';
import { fuzzTargets } from '../test/fuzz/targets';

/** Failing inputs are kept here. */
const folder = 'out/fuzz';

export function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { count: { type: 'string' }, seed: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !fuzzTargets.some((target) => target.name === name));
  const count = Number(values.count ?? 100_000);
  const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
  if (unknown.length > 0 || !(count > 0) || !Number.isInteger(seed)) {
    console.error(`usage: npm run fuzz -- [parser...] [--count n] [--seed s]`);
    console.error(`parsers: ${fuzzTargets.map(({ name }) => name).join(', ')}`);
    return 2;
  }
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
