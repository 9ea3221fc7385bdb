// Compares what we compute with PyTorch's recorded values: a line per case, the count at the end.
//
// A group is a folder of recordings; test/goldens/<group>/cases.ts says how they are compared. The recordings lie in
// the folder named by GOLDENS, else in ../shared/fixtures, else in test/goldens. What is absent there is listed and no
// failure; a run that compares nothing is one.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, judgeGroup, type GoldenGroup } from '../test/goldens/group';
import { goldenRoot, type GoldenResult } from '../test/helpers/golden';
import { openDevice } from '../test/helpers/gpu';
import { hostile, playGpu } from '../test/helpers/hostileDevice';
import { exitStatus, readArguments, UsageError } from './commandLine';

const modules = import.meta.glob<{ readonly group: GoldenGroup }>('../test/goldens/*/cases.ts');
const loaders = new Map(Object.entries(modules).map(([path, load]) => [path.split('/').at(-2)!, load]));

/** Groups of which something is recorded in the folder. */
function recordedGroups(root: string): string[] {
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const recorded = (folder: string) => readdirSync(folder).some((file) => /\.(safetensors|json)$/.test(file));
  return folders.map(({ name }) => name).filter((name) => recorded(join(root, name)));
}

function line({ name, worst, tolerance, ok }: GoldenResult): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(64)} worst ${worst.toExponential(2)}  tolerance ${tolerance.toExponential(2)}`;
}

const usage = `usage: npm run goldens -- [GROUP...] [option...]
  --only TEXT        cases whose name holds this
  --quick            without full-size models
  --long             full-size models alone
  --no-subgroups     on a device without subgroups
  --no-f16           on a device without f16
  --gpu-kernels      with the kernels for GPUs where a CPU plays one
  --backwards        workgroups in the opposite order
  --no-clamps        without the driver's checks of indices
  --subgroup-size N  4, 8 or 16 lanes, where Mesa's CPU driver plays the GPU
  --help             only show this
groups: ${[...loaders.keys()].join(', ')} (default: all)
GOLDENS names the folder of recordings (default: ../shared/fixtures where it lies there, else test/goldens).`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => compare(args));
}

async function compare(args: readonly string[]): Promise<number> {
  const options = {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    'no-subgroups': { type: 'boolean', default: false },
    'no-f16': { type: 'boolean', default: false },
    'gpu-kernels': { type: 'boolean', default: false },
    backwards: { type: 'boolean', default: false },
    'no-clamps': { type: 'boolean', default: false },
    'subgroup-size': { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, 'names');
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const choice = { only: values.only, quick: !values.long || values.quick, long: !values.quick || values.long };
  const without: GPUFeatureName[] = [
    ...(values['no-subgroups'] ? (['subgroups'] as const) : []),
    ...(values['no-f16'] ? (['shader-f16'] as const) : []),
  ];
  if (values['no-clamps'])
    process.env.DAWN_OPTIONS = [process.env.DAWN_OPTIONS, 'enable-dawn-features=disable_robustness']
      .filter(Boolean)
      .join(',');
  const lanes = values['subgroup-size'];
  if (lanes !== undefined) {
    if (!['4', '8', '16'].includes(lanes)) throw new UsageError(`--subgroup-size ${lanes}: 4, 8 or 16.\n${usage}`);
    // Mesa reads it when it is loaded.
    process.env.LP_NATIVE_VECTOR_WIDTH = String(32 * Number(lanes));
  }
  let [passed, failed, skipped] = [0, 0, 0];

  function tell(result: GoldenResult): void {
    if (result.ok) passed++;
    else failed++;
    console.log(line(result));
  }

  let opened: Promise<GPUDevice> | undefined;
  async function open(): Promise<GPUDevice> {
    const onError = (message: string) =>
      tell(failure(`the device reported an error outside an error scope: ${message}`));
    const { device } = await openDevice({ without, onError });
    if (lanes !== undefined && device.adapterInfo.subgroupMaxSize !== Number(lanes))
      tell(failure(`this adapter has subgroups of ${device.adapterInfo.subgroupMaxSize} lanes, not of ${lanes}`));
    if (values['gpu-kernels']) playGpu(device);
    hostile(device).backwards = values.backwards;
    void device.lost.then(() => (opened = undefined));
    return device;
  }

  const root = goldenRoot();
  const recorded = recordedGroups(root);
  console.log(`     recordings of ${root}`);
  for (const name of positionals.length > 0 ? positionals : [...new Set([...loaders.keys(), ...recorded])].sort()) {
    const load = loaders.get(name);
    const asked = positionals.length > 0;
    if (!recorded.includes(name)) {
      // Asked for by name it must not pass in silence.
      if (asked) tell(failure(`${name}: nothing is recorded in ${root}; groups: ${recorded.join(', ')}`));
      else console.log(`     absent: ${name}`);
      continue;
    }
    if (load === undefined) {
      if (asked) tell(failure(`${name}: there is no test/goldens/${name}/cases.ts`));
      else console.log(`     not compared: ${name}, of which there is nothing yet to compare`);
      continue;
    }
    const started = performance.now();
    const { group } = await load();
    for await (const said of judgeGroup(name, group, join(root, name), () => (opened ??= open()), choice)) {
      if ('note' in said) console.log(`     ${said.note}`);
      else if ('result' in said) tell(said.result);
      else skipped++;
    }
    console.log(`     ${name} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  if (passed + failed === 0) {
    // What --quick or --long alone leaves out the other compares.
    if (skipped > 0 && choice.only === undefined) console.log(`     all ${skipped} recordings are of another size`);
    else tell(failure('nothing was compared'));
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
