// `npm run isa`: what a real GPU's driver makes of our kernels, without the GPU. Mesa's drm-shim pretends a card, RADV
// compiles for it and prints registers, spills, waves and code; nothing is run.
//
//   npm run isa -- [STEP...] [--gpu navi31,navi21] [--kernels PATTERN] [--json FILE] [--against FILE] [--check | --renew]
//
// A step is a workload of the bench (vit), a task with its preset (task:pose, task:mntsm:narrow), or optimizer; all by
// default. --kernels shows each kernel whose name or class matches: registers, waves, and its hot loop. --json writes
// the table of one GPU, --against compares with such a file. --check compares with the tables that lie in tools/isa
// and fails where a kernel spills or a step costs over 5 % more; --renew writes them.
//
// Where Debian's spirv-cross is installed, every kernel is also translated to Metal's and Direct3D's text.
//
// A barrier is counted where a dispatch needs what those before it wrote, or writes what they read.
//
// The compiler guesses how often a loop runs, so "cost" compares two ways of one kernel with equal loops, and hardly
// one kernel with another. Registers, spills, waves and instructions per multiply-add are facts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ownWorkloads } from '../test/bench/ownWorkloads';
import { findPeers } from '../test/bench/peers';
import { taskNames } from '../test/bench/taskStep';
import type { Compiled } from './isa/compile';
import { crossCheck, type CrossCheck } from './isa/crossCheck';
import { readStatistics, type KernelStatistics } from './isa/statistics';
import { complaints, groupsOf, partsOf, stepsOf, type Step, type Table } from './isa/steps';

const SHIM = '/usr/lib/x86_64-linux-gnu/libamdgpu_noop_drm_shim.so';
const DRIVER = '/usr/share/vulkan/icd.d/radeon_icd.json';
const GPUS = 'navi31,navi21';

/** Workloads of the peer bench whose kernels are worth a row. */
const PEER_WORKLOADS = ['mlp', 'block', 'vit', 'conv', 'lift', 'block-infer', 'matmul-f32', 'matmul-f16'];

/** Workloads whose kernels take longer to compile than they say anything new: by name only. */
const LARGE_WORKLOADS = ['rn50'];

/** What is missing to compile for GPUs here, or undefined. */
function missing(): string | undefined {
  if (existsSync(SHIM) && existsSync(DRIVER)) return undefined;
  return 'Mesa pretends a GPU by the Debian packages mesa-vulkan-drivers and mesa-drm-shim (both of bookworm-backports: apt-get install -t bookworm-backports mesa-vulkan-drivers mesa-drm-shim).';
}

export function main(args: readonly string[]): number {
  try {
    return isa(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function isa(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      gpu: { type: 'string', default: GPUS },
      kernels: { type: 'string' },
      json: { type: 'string' },
      against: { type: 'string' },
      check: { type: 'boolean', default: false },
      renew: { type: 'boolean', default: false },
    },
  });
  const gpus = values.gpu.split(',');
  if ((values.json ?? values.against) !== undefined && gpus.length > 1) {
    throw new Error('--json and --against are about one GPU: name it with --gpu.');
  }
  const reason = missing();
  if (reason !== undefined) {
    console.log(`SKIPPED: no kernel was compiled for a GPU. ${reason}`);
    return values.check ? 0 : 1;
  }
  const own = [...ownWorkloads.keys()].filter((name) => !LARGE_WORKLOADS.includes(name));
  const known = [...own, ...taskNames().map((name) => `task:${name}`), 'optimizer'];
  if (findPeers() === undefined) console.log('The peer bench is not here: its workloads are left out.');
  else known.unshift(...PEER_WORKLOADS);
  const subjects = positionals.length > 0 ? positionals : known;
  const found: string[] = [];
  for (const gpu of gpus) {
    const { compiled, statistics, crossed } = compileFor(gpu, subjects);
    found.push(...(crossed?.failures ?? []));
    console.log(
      crossed
        ? `\n${crossed.kernels} kernels to Metal and HLSL by spirv-cross: ${crossed.failures.length} translations failed.`
        : '\nMetal and HLSL were not tried: the Debian package spirv-cross is not installed.',
    );
    for (const [kernel, message] of Object.entries(compiled.errors)) found.push(`${gpu} ${kernel}: ${message}`);
    const { driver, dispatches } = compiled;
    const table: Table = { gpu, driver, steps: stepsOf(dispatches, statistics) };
    const kept = values.check || values.renew ? keptTable(gpu) : undefined;
    const before = values.against === undefined ? kept : readTable(values.against);
    if (before && before.driver !== driver) {
      console.log(`\nThe table is of ${before.driver}, this is ${driver}: spills are compared, costs are not.`);
    }
    print(table, before, (step) => partsOf(step, dispatches, statistics));
    if (values.kernels !== undefined) printKernels(new RegExp(values.kernels), compiled, statistics);
    if (values.json !== undefined) writeTable(values.json, table);
    if (values.renew) writeTable(pathOf(gpu), { ...table, steps: renewed(kept?.steps ?? [], table.steps) });
    else if (before) found.push(...complaints(before, table));
  }
  for (const one of found) console.log(`FAIL ${one}`);
  if (values.check && found.length > 0) console.log('If this is meant, renew the tables: npm run isa -- --renew');
  return found.length === 0 ? 0 : 1;
}

/** Compiles in a process of its own, which takes the pretended card for the machine's. */
function compileFor(
  gpu: string,
  subjects: readonly string[],
): { compiled: Compiled; statistics: ReadonlyMap<string, KernelStatistics>; crossed: CrossCheck | null } {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-isa-'));
  try {
    const output = join(folder, 'dispatches.json');
    // A file, since the driver writes megabytes and a full pipe would stop it in the middle of a line.
    const said = join(folder, 'driver.txt');
    const { status, stdout } = spawnSync(
      process.execPath,
      [resolve('tools/run.mjs'), 'isa/compile', output, ...subjects],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', openSync(said, 'w')],
        env: {
          ...process.env,
          LD_PRELOAD: SHIM,
          AMDGPU_GPU_ID: gpu,
          RADV_DEBUG: 'shaders,shaderstats,nocache',
          MESA_SHADER_CACHE_DISABLE: 'true',
          MESA_SPIRV_DUMP_PATH: folder,
          VK_DRIVER_FILES: DRIVER,
          VK_ICD_FILENAMES: DRIVER,
        },
      },
    );
    const driverSays = readFileSync(said, 'utf8');
    if (status !== 0) throw new Error(`Compiling for ${gpu} failed.\n${stdout}${driverSays.slice(-4000)}`);
    const compiled = JSON.parse(readFileSync(output, 'utf8')) as Compiled;
    return { compiled, statistics: readStatistics(driverSays), crossed: crossCheck(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pathOf(gpu: string): string {
  return resolve('tools/isa', `${gpu}.json`);
}

function keptTable(gpu: string): Table | undefined {
  return existsSync(pathOf(gpu)) ? readTable(pathOf(gpu)) : undefined;
}

function readTable(path: string): Table {
  return JSON.parse(readFileSync(path, 'utf8')) as Table;
}

/** Steps that were compiled now replace those of their names, the others stay. */
function renewed(before: readonly Step[], now: readonly Step[]): Step[] {
  const kept = before.filter(({ name }) => !now.some((step) => step.name === name));
  return [...kept, ...now].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function writeTable(path: string, { steps, ...rest }: Table): void {
  const head = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  const rows = steps.map((step) => {
    const fields = Object.entries(step).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `    { ${fields.join(', ')} }`;
  });
  writeFileSync(path, `{\n${head.join('')}  "steps": [\n${rows.join(',\n')}\n  ]\n}\n`);
}

function print(table: Table, before: Table | undefined, parts: (step: string) => ReturnType<typeof partsOf>): void {
  console.log(`\n${table.gpu}, ${table.driver}${before ? ' (in brackets: the table compared with)' : ''}`);
  const columns = ['dispatches', 'barriers', 'kernels', 'spilling', 'scratch', 'cost'] as const;
  const row = (name: string, cells: readonly string[]): void =>
    console.log(`${name.padEnd(22)}${cells.map((cell) => cell.padStart(17)).join('')}`);
  row('step', ['dispatches', 'barriers', 'kernels', 'spilling', 'scratch', 'cost, M']);
  for (const step of table.steps) {
    const old = before?.steps.find(({ name }) => name === step.name);
    row(
      step.name,
      columns.map((column) => `${step[column]}${old && old[column] !== step[column] ? ` (${old[column]})` : ''}`),
    );
    for (const { entryPoint, share } of parts(step.name)) {
      console.log(`${(share * 100).toFixed(1).padStart(8)} %  ${entryPoint}`);
    }
  }
}

function printKernels(
  pattern: RegExp,
  { dispatches }: Compiled,
  statistics: ReadonlyMap<string, KernelStatistics>,
): void {
  const seen = new Set<string>();
  for (const dispatch of dispatches) {
    const { kernel, step, label, entryPoint, way } = dispatch;
    const one = statistics.get(kernel);
    if (!one || seen.has(kernel) || !pattern.test(`${entryPoint} ${way}`)) continue;
    seen.add(kernel);
    const { hot } = one;
    const per = hot.multiplyAdds > 0 ? (hot.instructions / hot.multiplyAdds).toFixed(2) : '-';
    console.log(`${kernel} ${entryPoint} of ${step} at ${label}${way && `\n    ${way}`}`);
    console.log(
      `    ${one.registers} registers, ${one.spilled} spilled, ${one.scratchBytes} B scratch, ${one.sharedBytes} B shared, ` +
        `${one.waves} waves, ${one.instructions} instructions, ${groupsOf(dispatch)} workgroups`,
    );
    console.log(
      `    hot loop: ${hot.instructions} instructions, ${hot.multiplyAdds} multiply-adds (${per} each), shared memory ` +
        `${hot.sharedLoads} loads ${hot.sharedStores} stores, memory ${hot.loads} loads ${hot.stores} stores, ${hot.scalar} scalar`,
    );
  }
}
