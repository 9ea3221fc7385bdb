// `npm run tune`: tries all ways of making the kernels of some steps on this adapter, and writes what clearly beats the
// best guess into the table that is shipped for adapters of its family (src/engine/device/shipped).
// Classes that were tried replace what the table said of them, the others stay.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { openDevice } from '../src/engine/device/adapter';
import { familyOf, type ShippedTable } from '../src/engine/device/shippedTuning';
import { openQuestions } from '../src/engine/device/tuning';
import { findPeers, workloadsOf } from '../test/bench/peers';
import { checkSubject, plannedPrograms } from '../test/bench/plannedPrograms';
import { taskNames } from '../test/bench/taskStep';
import { provenWinner } from '../test/bench/wayTrials';
import type { WorkloadsModule } from '../test/bench/workloads';
import { openGpu } from '../test/helpers/gpu';
import { exitStatus, numberIn, readArguments } from './commandLine';

const LEAST_ROUNDS = 3;

const usage = `usage: npm run tune -- [SUBJECT...] [option...]
  --only PATTERN     classes of kernels whose key matches this
  --rounds N         turns that each way gets, ${LEAST_ROUNDS} or more (default 7)
  --dry              write nothing
  --help             only show this
A subject is a workload of the bench (mlp) or a task with its preset (task:pose:narrow; else its demo); all by default.`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(async () => {
    await tune(args);
    return 0;
  });
}

async function tune(args: readonly string[]): Promise<void> {
  const options = {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, 'names');
  if (values.help) {
    console.log(usage);
    return;
  }
  const only = new RegExp(values.only);
  const rounds = numberIn('--rounds', values.rounds, { least: LEAST_ROUNDS, whole: true });
  // Translation has to count, whatever earlier runs left behind.
  process.env.MESA_SHADER_CACHE_DISABLE = 'true';
  const { device, report } = await openDevice((await openGpu()).gpu);
  const family = familyOf(report);
  if (family === undefined) throw new Error('The adapter does not say what it is: there is no table to write.');
  const path = resolve(`src/engine/device/shipped/${family}.json`);
  const workloads = await peerWorkloads();
  // Products of halves ask the same questions as those of floats, and not every adapter has halves.
  const floats = (workloads?.WORKLOADS ?? []).filter((name) => !name.endsWith('-f16'));
  const names = [...floats, ...taskNames().map((name) => `task:${name}`)];
  const subjects = positionals.length > 0 ? positionals : names;
  for (const subject of subjects) checkSubject(subject, workloads);
  const seen = new Set<string>();
  for (const subject of subjects) {
    console.log(subject);
    const questions = openQuestions(await plannedPrograms(subject, device, workloads), () => undefined);
    for (const [key, question] of questions) {
      if (seen.has(key) || !only.test(key)) continue;
      seen.add(key);
      const { winner, tried } = await provenWinner(device, question, { rounds, software: report.software });
      const ways = [...tried].map(
        ([way, one]) => `${way} ${one.milliseconds.toFixed(3)} (+ ${one.translation.toFixed(0)})`,
      );
      console.log(`  ${winner ?? '-'} | ${key} | ${ways.join(', ')}`);
      if (values.dry) continue;
      const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo;
      const { vendor, architecture, description, features } = report;
      const adapter = { vendor, architecture, description, features, subgroupMinSize, subgroupMaxSize };
      await update(path, subject, key, winner, adapter);
    }
  }
}

async function peerWorkloads(): Promise<WorkloadsModule | null> {
  const folder = findPeers();
  if (folder === undefined) return null;
  return (await import(/* @vite-ignore */ pathToFileURL(workloadsOf(folder)).href)) as WorkloadsModule;
}

/** After each class, so that an interrupted run leaves what it has. */
async function update(
  path: string,
  subject: string,
  key: string,
  winner: string | null,
  adapter: ShippedTable['adapter'],
): Promise<void> {
  const former = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ShippedTable) : null;
  const winners = new Map(Object.entries(former?.winners ?? {}));
  if (winner === null) winners.delete(key);
  else winners.set(key, winner);
  const table: ShippedTable = {
    measured: new Date().toISOString().slice(0, 10),
    adapter,
    subjects: [...new Set([...(former?.subjects ?? []), subject])],
    winners: Object.fromEntries([...winners].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await format(JSON.stringify(table, null, 2), { ...(await resolveConfig(path)), parser: 'json' }));
}
