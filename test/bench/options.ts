// The bench's command line, and the rows that it asks for.
import { numberIn, pair, readArguments, UsageError } from '../../tools/commandLine';
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
  readonly help: boolean;
}

export const usage = `usage: npm run bench -- [option...]
  --workloads a,b      only these: mlp, block, vit, conv, lift, block-infer, matmul-f32, matmul-f16, mntsm, rn50
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
  --help               only show this
BENCH_PEERS names the folder of the peer bench (default ../shared/bench/peers), which holds the workloads.
MESA_SHADER_CACHE_DISABLE=true gives first steps that no earlier run has warmed; TABTUNE_ADAPTER and DAWN_OPTIONS
choose the adapter in Node and what Dawn allows of it.`;

/** Throws UsageError, whose message says what to type instead. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  // The one option whose value may be left out.
  const whole = args.map((arg) => (arg === '--peers' ? `--peers=${peerNames.join(',')}` : arg));
  const { values } = readArguments(whole, usage, {
    workloads: { type: 'string' },
    task: { type: 'string' },
    preset: { type: 'string', multiple: true },
    scale: { type: 'string', default: 'base' },
    set: { type: 'string', multiple: true, default: [] },
    peers: { type: 'string' },
    browser: { type: 'boolean', default: false },
    steps: { type: 'string' },
    budget: { type: 'string', default: '6' },
    limit: { type: 'string', default: '600' },
    kernels: { type: 'boolean', default: false },
    explain: { type: 'boolean', default: false },
    tune: { type: 'boolean', default: false },
    guess: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  const { task, workloads, preset, scale, peers, browser, steps, budget, limit, kernels, explain, json, help } = values;
  return {
    task,
    workloads: workloads?.split(','),
    presets: preset ?? [undefined],
    scale: oneOf(scales, scale, '--scale'),
    ...settingsAndFields(values.set),
    peers: listed(peers).map((name) => oneOf(peerNames, name, '--peers')),
    browser,
    steps: steps === undefined ? undefined : numberIn('--steps', steps, { least: 3, whole: true }),
    budgetSeconds: numberIn('--budget', budget, { least: 0 }),
    limitSeconds: numberIn('--limit', limit, { least: 1 }),
    kernels,
    explain,
    kernelsBy: values.tune ? 'trial' : values.guess ? 'guess' : 'shipped',
    json,
    help,
  };
}

function listed(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',');
}

function oneOf<T extends string>(allowed: readonly T[], value: string, option: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(', ')}, not ${value || 'nothing'}.`);
  return found;
}

/** A name with a dot is a workload's field, anything else a task's setting. */
function settingsAndFields(texts: readonly string[]): Pick<BenchOptions, 'settings' | 'fields'> {
  const pairs = texts.map((text) => pair('--set', text));
  const isField = ([key]: readonly [string, string]): boolean => key.includes('.');
  return {
    settings: Object.fromEntries(pairs.filter((one) => !isField(one))),
    fields: Object.fromEntries(pairs.filter(isField).map(([key, text]) => [key, fieldOf(key, text)])),
  };
}

function fieldOf(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--set ${key} wants a number or a list like [256,1024,10], not ${text}.`);
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
