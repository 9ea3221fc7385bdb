// Compares what we compute with PyTorch's recorded values: a line per case, the count at the end.
//
//   npm run goldens -- [group...] [--only TEXT] [--quick | --long] [--no-subgroups] [--no-f16]
//
// A group is a folder test/goldens/<group> whose cases.ts exports `cases`; its recorded values lie in the folder of
// the same name under GOLDENS, else ../shared/fixtures, else test/goldens.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GoldenResult } from '../test/helpers/golden';
import { openDevice } from '../test/helpers/gpu';

type Cases = (folder: string, device: () => Promise<GPUDevice>, only?: string) => AsyncIterable<GoldenResult>;

/** `longCases` are full-size models: minutes each, where the others mostly wait for kernels to be translated. */
interface CasesModule {
  readonly cases: Cases;
  readonly longCases?: Cases;
}

interface Options {
  readonly groups: readonly string[];
  readonly only: string | undefined;
  readonly without: readonly GPUFeatureName[];
  readonly quick: boolean;
  readonly long: boolean;
}

const modules = import.meta.glob<CasesModule>('../test/goldens/*/cases.ts');

function readOptions(args: readonly string[]): Options {
  const groups: string[] = [];
  const without: GPUFeatureName[] = [];
  let only: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--only') only = args[++i];
    else if (arg === '--no-subgroups') without.push('subgroups');
    else if (arg === '--no-f16') without.push('shader-f16');
    else if (arg === '--quick' || arg === '--long') continue;
    else if (arg.startsWith('-')) throw new Error(`Unknown option ${arg}.`);
    else groups.push(arg);
  }
  return { groups, only, without, quick: !args.includes('--long'), long: !args.includes('--quick') };
}

/** Folders that may hold recorded values, best first. */
function roots(): string[] {
  const named = process.env.GOLDENS;
  return named ? [resolve(named)] : [resolve('../shared/fixtures'), resolve('test/goldens')];
}

/** A group's folder of recorded values, or the best place to put one. */
function folderOf(group: string): string {
  const folders = roots().map((root) => join(root, group));
  return folders.find((folder) => missing(folder) === undefined) ?? folders[0]!;
}

/** Why a group cannot be compared here, or undefined. */
function missing(folder: string): string | undefined {
  if (!existsSync(folder)) return `no folder ${folder}`;
  const recorded = readdirSync(folder).some((name) => /\.(safetensors|json|bin)$/.test(name));
  return recorded ? undefined : `no recorded values in ${folder}`;
}

function line({ name, worst, tolerance, ok }: GoldenResult): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(64)} worst ${worst.toExponential(2)}  tolerance ${tolerance.toExponential(2)}`;
}

export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const cases = new Map(Object.entries(modules).map(([path, load]) => [path.split('/').at(-2)!, load]));
  const groups = options.groups.length > 0 ? options.groups : [...cases.keys()].sort();
  let passed = 0;
  let failed = 0;
  let compared = 0;

  function fail(message: string): void {
    failed++;
    console.log(`FAIL ${message}`);
  }

  let opened: Promise<GPUDevice> | undefined;
  async function open(): Promise<GPUDevice> {
    const { device } = await openDevice({
      without: options.without,
      onError: (message) => fail(`the device reported an error outside an error scope: ${message}`),
    });
    void device.lost.then(() => (opened = undefined));
    return device;
  }
  const device = () => (opened ??= open());

  for (const group of groups) {
    const load = cases.get(group);
    const folder = folderOf(group);
    if (load === undefined) {
      fail(`${group}: there is no test/goldens/${group}/cases.ts; groups: ${[...cases.keys()].join(', ')}`);
      continue;
    }
    const reason = missing(folder);
    if (reason !== undefined) {
      // Asked for by name it must not pass in silence.
      if (options.groups.length > 0) fail(`${group}: ${reason}`);
      else console.log(`skip ${group}: ${reason}`);
      continue;
    }
    compared++;
    const started = performance.now();
    try {
      const { cases: quick, longCases: long } = await load();
      const chosen = [...(options.quick ? [quick] : []), ...(options.long && long ? [long] : [])];
      for (const one of chosen) {
        for await (const result of one(folder, device, options.only)) {
          if (result.ok) passed++;
          else failed++;
          console.log(line(result));
        }
      }
    } catch (error) {
      fail(`${group} stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    console.log(`     ${group} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  if (passed + failed === 0) {
    // A checkout without recordings has nothing to compare; a named folder or case that gives nothing is a mistake.
    const asked = options.groups.length > 0 || options.only !== undefined || Boolean(process.env.GOLDENS);
    if (asked || compared > 0) fail('no case ran');
    else console.log(`NOTHING WAS COMPARED: no recorded values in ${roots().join(' or ')}; GOLDENS names a folder`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
