// The demo's command line.
import { numberIn, pair, readArguments, UsageError } from './commandLine';

export interface DemoOptions {
  /** Absent for the one that the page opens with. */
  readonly task: string | undefined;
  readonly data: string | undefined;
  readonly preset: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  /** Runs that differ by their seed alone. */
  readonly seeds: number;
  readonly json: string | undefined;
  /** Where the best weights go, .safetensors or .pth. */
  readonly weightsOut: string | undefined;
  /** Keeps the result as the one that the page shows before anybody trained. */
  readonly record: boolean;
  /** For how many seconds the page's main thread is watched. */
  readonly mainThread: number | undefined;
  readonly headed: boolean;
  readonly keepOpen: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const usage = `usage: npm run demo -- [option...]
  --task NAME        what to train (default: what the page opens with)
  --data DIR         a folder of your own data; without it the task's demo
  --preset NAME      one of the task's presets
  --set key=value    a setting, as often as you like
  --epochs N         the same as --set epochs=N
  --seeds N          train N times, with the seeds from the setting's on, and print mean and spread
  --weights-out FILE keep the best weights, .safetensors or .pth; npm run try takes them
  --record           keep the result as src/models/NAME/recorded.bundle, which the page shows before anybody trains
  --main-thread N    list the tasks of the page's main thread that take more than 50 ms of CPU time, for N seconds
  --json FILE        also write the result as JSON
  --headed           show the browser even where no display is found
  --keep-open        leave the page open afterwards
  --list             only list the tasks with their presets, the default one first
  --help             only show this`;

/** Throws UsageError. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = readArguments(args, usage, {
    task: { type: 'string' },
    data: { type: 'string' },
    preset: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    epochs: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    json: { type: 'string' },
    'weights-out': { type: 'string' },
    record: { type: 'boolean', default: false },
    'main-thread': { type: 'string' },
    headed: { type: 'boolean', default: false },
    'keep-open': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const { task, data, preset, set, epochs, json, record, headed, list, help } = values;
  const settings = Object.fromEntries(set.map((text) => pair('--set', text)));
  if (epochs !== undefined) settings['epochs'] = epochs;
  const seeds = numberIn('--seeds', values.seeds, { least: 1, most: 100, whole: true });
  const weightsOut = values['weights-out'];
  if (weightsOut !== undefined && !/\.(safetensors|pth)$/.test(weightsOut))
    throw new UsageError(`--weights-out wants a name that ends in .safetensors or .pth, not ${weightsOut}.`);
  if (weightsOut !== undefined && seeds > 1)
    throw new UsageError('--weights-out keeps the weights of one run: leave --seeds out.');
  if (record && (data !== undefined || seeds > 1))
    throw new UsageError('--record keeps one run of the demo: leave --data and --seeds out.');
  const watched = values['main-thread'];
  const mainThread = watched === undefined ? watched : numberIn('--main-thread', watched, { least: 1, most: 3600 });
  const keepOpen = values['keep-open'];
  return { task, data, preset, settings, seeds, json, weightsOut, record, mainThread, headed, keepOpen, list, help };
}

/** The page's address with the form filled in; the page starts nothing by itself. */
export function demoAddress(url: string, task: string, options: DemoOptions): string {
  const parameters = new URLSearchParams({ v: '1', task });
  if (options.preset !== undefined) parameters.set('preset', options.preset);
  for (const [key, value] of Object.entries(options.settings)) parameters.set(`set.${key}`, value);
  return `${url}#${parameters.toString()}`;
}
