// The demo's command line.

export interface DemoOptions {
  /** Absent for the one that the page opens with. */
  readonly task: string | undefined;
  readonly data: string | undefined;
  readonly preset: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly json: string | undefined;
  readonly headed: boolean;
  readonly keepOpen: boolean;
}

export const usage = `npm run demo -- [option...]
  --task NAME        what to train (default: what the page opens with)
  --data DIR         a folder of your own data; without it the task's demo
  --preset NAME      one of the task's presets
  --set key=value    a setting, as often as you like
  --epochs N         the same as --set epochs=N
  --json FILE        also write the result as JSON
  --headed           show the browser even where no display is found
  --keep-open        leave the page open afterwards`;

export function readDemoOptions(args: readonly string[]): DemoOptions {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  const settings: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = splitOnce(args[i]!);
    if (name === '--headed' || name === '--keep-open') {
      switches.add(name);
      continue;
    }
    if (!['--task', '--data', '--preset', '--set', '--epochs', '--json'].includes(name)) {
      throw new Error(`Unknown option ${name}.\n${usage}`);
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw new Error(`${name} wants a value.\n${usage}`);
    if (name === '--epochs') settings.epochs = value;
    else if (name !== '--set') values.set(name, value);
    else addSetting(settings, value);
  }
  return {
    task: values.get('--task'),
    data: values.get('--data'),
    preset: values.get('--preset'),
    settings,
    json: values.get('--json'),
    headed: switches.has('--headed'),
    keepOpen: switches.has('--keep-open'),
  };
}

/** `--epochs=3` and `--epochs 3` mean the same. */
function splitOnce(arg: string): [string, string | undefined] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function addSetting(settings: Record<string, string>, text: string): void {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--set wants key=value, not ${text}.`);
  settings[text.slice(0, at)] = text.slice(at + 1);
}

/** The page's address with the form filled in; the page starts nothing by itself. */
export function demoAddress(url: string, task: string, options: DemoOptions): string {
  const parameters = new URLSearchParams({ v: '1', task });
  if (options.preset !== undefined) parameters.set('preset', options.preset);
  for (const [key, value] of Object.entries(options.settings)) parameters.set(`set.${key}`, value);
  return `${url}#${parameters.toString()}`;
}
