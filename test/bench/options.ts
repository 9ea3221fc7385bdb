// The bench's command line, and the rows that it asks for.
import { scales, type KernelsBy, type Scale, type Subject } from './protocol';

export const peerNames = ['jaxjs', 'tfjs', 'ort', 'raw'] as const;
export type PeerName = (typeof peerNames)[number];

export interface BenchOptions {
  /** Undefined means all, unless only workloads are asked for; likewise below. */
  readonly task: string | undefined;
  readonly workloads: readonly string[] | undefined;
  /** Undefined entries mean what the demo takes on this adapter. */
  readonly presets: readonly (string | undefined)[];
  readonly scale: Scale;
  /** Settings of tasks as typed. */
  readonly settings: Readonly<Record<string, string>>;
  /** Fields of workloads, `block.tokens`, as numbers or lists. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly peers: readonly PeerName[];
  readonly browser: boolean;
  readonly steps: number | undefined;
  readonly budgetSeconds: number;
  readonly limitSeconds: number;
  readonly kernels: boolean;
  readonly explain: boolean;
  readonly kernelsBy: KernelsBy;
  readonly json: string | undefined;
}

export const usage = `npm run bench -- [option...]
  --workloads a,b      only these: mlp, block, vit, conv, lift, block-infer, matmul-f32, matmul-f16, mntsm
  --task NAME          only this model's step (besides --workloads, where both are given)
  --preset NAME        a preset of the task, as often as you like (default: what its demo takes here)
  --scale NAME         sizes of the workloads: tiny, base (default) or gpu
  --set key=value      block.tokens=800 changes workloads, batch=32 a setting of the tasks
  --peers[=a,b]        beside jaxjs, tfjs, ort and raw, or those named; npm installs them on first use
  --browser            in a worker of Chromium instead of Node
  --steps N            timed steps of a row, 3 or more
  --budget SECONDS     without --steps as many as fit, 3 to 50 (default 6)
  --limit SECONDS      a row that takes longer is stopped (default 600)
  --kernels            the time of each kind of kernel of our rows
  --explain            where the memory of our rows goes
  --tune               our rows try out their kernels first, and say what they took instead of the best guess
  --guess              our rows take the best guesses alone, without the winners shipped for this adapter
  --json FILE          also write all figures as JSON
BENCH_PEERS names the folder of the peer bench (default ../shared/bench/peers), which holds the workloads.
MESA_SHADER_CACHE_DISABLE=true gives first steps that no earlier run has warmed; TABTUNE_ADAPTER and DAWN_OPTIONS
choose the adapter in Node and what Dawn allows of it.`;

const switches = ['--browser', '--kernels', '--explain', '--tune', '--guess'];
const valued = ['--workloads', '--task', '--preset', '--scale', '--set', '--steps', '--budget', '--limit', '--json'];

/** Throws an Error whose message says what to type instead. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const values = new Map<string, string>();
  const given = new Set<string>();
  const presets: string[] = [];
  const settings: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = splitOnce(args[i]!);
    if (switches.includes(name) && inline === undefined) given.add(name);
    else if (name === '--peers') values.set(name, inline ?? peerNames.join(','));
    else if (valued.includes(name)) {
      const value = inline ?? args[++i];
      if (value === undefined) throw new Error(`${name} wants a value.\n${usage}`);
      if (name === '--preset') presets.push(value);
      else if (name === '--set') addSetting(value, settings, fields);
      else values.set(name, value);
    } else throw new Error(`Unknown option ${args[i]!}.\n${usage}`);
  }
  const steps = values.get('--steps');
  return {
    task: values.get('--task'),
    workloads: values.get('--workloads')?.split(','),
    presets: presets.length > 0 ? presets : [undefined],
    scale: oneOf(scales, values.get('--scale') ?? 'base', '--scale'),
    settings,
    fields,
    peers: listed(values.get('--peers')).map((name) => oneOf(peerNames, name, '--peers')),
    browser: given.has('--browser'),
    steps: steps === undefined ? undefined : atLeast(3, steps, '--steps'),
    budgetSeconds: atLeast(0, values.get('--budget') ?? '6', '--budget'),
    limitSeconds: atLeast(1, values.get('--limit') ?? '600', '--limit'),
    kernels: given.has('--kernels'),
    explain: given.has('--explain'),
    kernelsBy: given.has('--tune') ? 'trial' : given.has('--guess') ? 'guess' : 'shipped',
    json: values.get('--json'),
  };
}

/** `--steps=3` and `--steps 3` mean the same. */
function splitOnce(arg: string): [string, string | undefined] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function listed(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',');
}

function oneOf<T extends string>(allowed: readonly T[], value: string, option: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`${option} takes ${allowed.join(', ')}, not ${value || 'nothing'}.`);
  return found;
}

function atLeast(least: number, text: string, option: string): number {
  const value = Number(text);
  const whole = option !== '--steps' || Number.isInteger(value);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || !whole) {
    throw new Error(`${option} wants a ${option === '--steps' ? 'whole ' : ''}number from ${least} up, not ${text}.`);
  }
  return value;
}

/** A name with a dot is a workload's field, anything else a task's setting. */
function addSetting(text: string, settings: Record<string, string>, fields: Record<string, unknown>): void {
  const [key, value] = splitOnce(text);
  if (value === undefined || key === '') throw new Error(`--set wants key=value, not ${text}.`);
  if (!key.includes('.')) {
    settings[key] = value;
    return;
  }
  try {
    fields[key] = JSON.parse(value);
  } catch {
    throw new Error(`--set ${key} wants a number or a list like [256,1024,10], not ${value}.`);
  }
}

/** What there is to choose from. */
export interface Offer {
  readonly tasks: readonly string[];
  /** Fields by workload; without the peer bench our own alone. */
  readonly workloads: ReadonlyMap<string, readonly string[]>;
  readonly peerBench: boolean;
}

/** Rows in the order of the table. Throws an Error where a name is unknown. */
export function subjectsOf(options: BenchOptions, { tasks, workloads, peerBench }: Offer): Subject[] {
  const { task, presets, settings, scale, fields } = options;
  const named = task !== undefined || options.workloads !== undefined;
  const chosenTasks = task === undefined ? (named ? [] : tasks) : [oneOf(tasks, task, '--task')];
  const known = [...workloads.keys()];
  const asked = options.workloads ?? (named ? [] : known);
  if (!peerBench && asked.some((name) => !known.includes(name))) {
    throw new Error(`Only ${known.join(', ')} is here: BENCH_PEERS must name the folder of the peer bench.`);
  }
  checkFields(Object.keys(fields), workloads);
  return [
    ...chosenTasks.flatMap((name) => presets.map((preset): Subject => ({ kind: 'task', name, preset, settings }))),
    ...asked.map((name): Subject => {
      return { kind: 'workload', name: oneOf(known, name, '--workloads'), scale, set: fields };
    }),
  ];
}

/** `block.tokens` sets `block` and `block-infer`; the peer bench would pass over what it does not know. */
function checkFields(keys: readonly string[], workloads: ReadonlyMap<string, readonly string[]>): void {
  const families = new Map([...workloads].map(([name, fields]) => [name.split('-')[0]!, fields]));
  for (const key of keys) {
    const [family, field] = key.split('.') as [string, string];
    oneOf(families.get(oneOf([...families.keys()], family, '--set'))!, field, `--set ${family}`);
  }
}
