// `npm run bench`: what steps of our models and of the peer bench's workloads cost; options.ts lists the options.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeHost, pageHost, type Host } from '../test/bench/hosts';
import { judge } from '../test/bench/judge';
import { readBenchOptions, subjectsOf, usage, type BenchOptions, type PeerName } from '../test/bench/options';
import { ownWorkloads } from '../test/bench/ownWorkloads';
import { findPeers, installAdapter, installPeers, workloadsOf } from '../test/bench/peers';
import { OURS, type AdapterFigures, type Row, type RowAnswer, type Subject } from '../test/bench/protocol';
import { complaints, headLines, table } from '../test/bench/table';
import { checkTask, taskNames } from '../test/bench/taskStep';
import type { WorkloadsModule } from '../test/bench/workloads';
import { exitStatus } from './commandLine';

async function run(options: BenchOptions): Promise<number> {
  const folder = findPeers();
  const workloads = new Map([
    ...(folder === undefined ? [] : await workloadsAndFields(folder)),
    ...[...ownWorkloads].map(([name, { fields }]) => [name, fields] as const),
  ]);
  const subjects = subjectsOf(options, { tasks: taskNames(), workloads, peerBench: folder !== undefined });
  for (const subject of subjects) if (subject.kind === 'task') checkTask(subject);
  if (folder === undefined) {
    if (options.peers.length > 0) throw new Error('There are no peers here: BENCH_PEERS must name the peer bench.');
    if (options.task === undefined) {
      console.log("SKIPPED the peer bench's workloads: no ../shared/bench/peers; BENCH_PEERS names another folder");
    }
  }
  const host = await openHost(options, folder);
  try {
    const adapter = (await host.ask({ kind: 'adapter' }, options.limitSeconds)) as AdapterFigures;
    const head = headLines(adapter, host.description, process.env);
    console.log([...head, ''].join('\n'));
    const rows: Row[] = [];
    for (const subject of subjects) {
      for (const engine of [OURS, ...peersOf(subject, options)]) {
        const row = await measureRow(host, subject, engine, options, adapter);
        console.log([progress(row), ...row.details].join('\n'));
        rows.push(row);
        // After every row, so that an interrupted run leaves what it has.
        writeJson(options, head, adapter, rows);
      }
    }
    const verdicts = judge(rows);
    const wrong = complaints(rows, verdicts);
    console.log(['', ...head, ...table(rows, verdicts, adapter), ...wrong].join('\n'));
    return wrong.length === 0 ? 0 : 1;
  } finally {
    host.close();
  }
}

/** Peers that have a row of the subject. */
function peersOf(subject: Subject, { peers }: BenchOptions): readonly PeerName[] {
  if (subject.kind === 'task') return [];
  const own = ownWorkloads.get(subject.name);
  return own ? peers.filter((name) => own.peers.includes(name)) : peers;
}

async function workloadsAndFields(folder: string): Promise<Map<string, string[]>> {
  const address = pathToFileURL(workloadsOf(folder)).href;
  const { WORKLOADS, makeWorkload } = (await import(/* @vite-ignore */ address)) as WorkloadsModule;
  return new Map(WORKLOADS.map((name) => [name, Object.keys(makeWorkload(name, 'tiny', {}).cfg)]));
}

function openHost({ peers, browser }: BenchOptions, folder: string | undefined): Promise<Host> {
  const modules: Record<string, string> = {};
  if (folder !== undefined) modules['workloads'] = workloadsOf(folder);
  if (folder !== undefined && peers.length > 0) {
    const copy = installPeers(folder);
    for (const name of peers) {
      modules[name] = join(copy, 'peers', `${name}.mjs`);
      for (const [workload, own] of ownWorkloads) {
        if (own.peers.includes(name)) modules[`${workload}-${name}`] = installAdapter(copy, workload, name);
      }
    }
  }
  return browser ? pageHost(modules) : nodeHost(modules);
}

async function measureRow(
  host: Host,
  subject: Subject,
  engine: string,
  { steps, budgetSeconds, limitSeconds, kernels, explain, kernelsBy }: BenchOptions,
  { gigaflops }: AdapterFigures,
): Promise<Row> {
  const own = ownWorkloads.has(subject.name);
  const request = {
    kind: 'row',
    subject,
    engine,
    workloads: subject.kind === 'workload' && !own ? host.address('workloads') : undefined,
    peer: engine === OURS ? undefined : host.address(own ? `${subject.name}-${engine}` : engine),
    steps,
    budgetSeconds,
    kernels,
    explain,
    kernelsBy,
    gigaflops,
  } as const;
  try {
    return { ...((await host.ask(request, limitSeconds)) as RowAnswer), engine };
  } catch (error) {
    // A process or browser that ended says no more; the other rows are measured all the same.
    const reason = error instanceof Error ? error.message : String(error);
    return { subject: subject.name, engine, reason, details: [] };
  }
}

function writeJson(
  options: BenchOptions,
  head: readonly string[],
  adapter: AdapterFigures,
  rows: readonly Row[],
): void {
  if (options.json === undefined) return;
  const verdicts = judge(rows);
  const judged = rows.map((row, i) => ({ ...row, ...verdicts[i] }));
  mkdirSync(dirname(resolve(options.json)), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify({ head, adapter, options, rows: judged }, null, 2)}\n`);
}

function progress({ subject, engine, figures, reason }: Row): string {
  const result = figures
    ? `${figures.medianMilliseconds.toFixed(1)} ms (least ${figures.leastMilliseconds.toFixed(1)}, first ${figures.firstMilliseconds.toFixed(0)})`
    : `n/a: ${reason ?? ''}`;
  return `${subject} by ${engine}: ${result}`;
}

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => {
    const options = readBenchOptions(args);
    if (!options.help) return run(options);
    console.log(usage);
    return 0;
  });
}
