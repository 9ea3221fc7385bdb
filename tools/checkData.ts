// `npm run check:data`: what the page's check of chosen files says, in Node, without a browser and without training.
//
//   npm run check:data -- [--task NAME] DIR [--format NAME] [--repair] [--json FILE]
//
// With a task this is the very check of the page, but that nothing is decoded; without one the labels are read and joined
// with the files, whatever task may learn from them. Exits with 1 where nothing is usable.
import { openAsBlob } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DataReport } from '../src/annotations/dataReport';
import { readLabels } from '../src/annotations/readLabels';
import { labelFormats } from '../src/annotations/recognise';
import { UserError } from '../src/errors';
import type { DataFile } from '../src/formats/dataFile';
import type { Settings } from '../src/models/settings';
import type { Task } from '../src/models/task';
import type { TaskRuntime } from '../src/training/runtime';
import { TrainService } from '../src/training/trainService';
import { memoryCheckpoints, memoryRuns } from '../src/runs/memoryStores';
import { nodeVideos } from './nodeVideos';

const tasks = import.meta.glob<{ task: Task }>('../src/models/*/task.ts', { eager: true });
const runtimes = import.meta.glob<{ runtime: TaskRuntime }>('../src/models/*/runtime.ts');

/** What `--json` writes. */
export interface CheckedData {
  readonly format: string | null;
  readonly found: number;
  readonly usable: number;
  readonly classes: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly unlearnable: number;
  readonly problems: readonly { readonly code: string; readonly path: string; readonly message: string }[];
  readonly items: NonNullable<DataReport['items']>;
}

export async function main(args: readonly string[], print: (line: string) => void = console.log): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      task: { type: 'string' },
      format: { type: 'string' },
      repair: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const [folder] = positionals;
  const names = Object.values(tasks).map(({ task }) => task.name);
  const format = labelFormats.find((name) => name === values.format);
  const isKnown = (values.task === undefined || names.includes(values.task)) && (values.format === undefined || format);
  if (folder === undefined || positionals.length > 1 || !isKnown) {
    print('usage: npm run check:data -- [--task NAME] DIR [--format NAME] [--repair] [--json FILE]');
    print(`tasks: ${names.join(', ')}; formats: ${labelFormats.join(', ')}`);
    return 2;
  }
  const files = await filesIn(folder);
  const { repair: repairText } = values;
  const checked = await check(files, { task: values.task, format, repairText });
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(checked, null, 2)}\n`);
  for (const line of described(checked)) print(line);
  return checked.usable > 0 ? 0 : 1;
}

interface CheckOptions {
  readonly task: string | undefined;
  readonly format: (typeof labelFormats)[number] | undefined;
  readonly repairText: boolean;
}

async function check(files: readonly DataFile[], { task, format, repairText }: CheckOptions): Promise<CheckedData> {
  const readThem = async () => (await readLabels(files, { format, repairText })).report;
  if (task === undefined) {
    try {
      return summary(await readThem(), null);
    } catch (error) {
      return summary(null, asUserError(error));
    }
  }
  try {
    const source = { kind: 'files', name: files[0]?.path.split('/')[0] ?? '', files, repairText } as const;
    return summary(await service().check(task, source, settingsOf(task)), null);
  } catch (error) {
    const reason = asUserError(error);
    // The page shows the reason alone; the labels are there all the same.
    const labels = await readThem().catch(asUserError);
    return summary(labels instanceof UserError ? null : { ...labels, usable: 0, items: [] }, reason);
  }
}

function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

function service(): TrainService {
  return new TrainService({
    tasks: Object.values(tasks).map(({ task }) => task),
    loadRuntime: async (name) => (await runtimes[`../src/models/${name}/runtime.ts`]?.())?.runtime,
    devices: {
      open: () => Promise.reject(new UserError('no-webgpu', 'A check needs no GPU.')),
      measure: () => Promise.resolve(0),
    },
    createTrainer: () => Promise.reject(new UserError('no-webgpu', 'A check needs no GPU.')),
    checkpoints: memoryCheckpoints(),
    runs: memoryRuns(),
    openVideos: nodeVideos,
    whileTraining: (work) => work(),
    onListenerError: (error) => console.error(error),
  });
}

/** Of the preset that the page begins with. */
function settingsOf(name: string): Settings {
  const { task } = tasks[`../src/models/${name}/task.ts`]!;
  const preset = task.presets.find((one) => one.name === task.defaultPreset);
  return { ...Object.fromEntries(task.settings.map(({ key, default: value }) => [key, value])), ...preset?.settings };
}

/** All files of a folder, or one file, with paths as a dropped folder has them. */
async function filesIn(root: string): Promise<DataFile[]> {
  if ((await stat(root)).isFile()) return [{ path: basename(root), blob: await openAsBlob(root) }];
  const whole = resolve(root);
  const entries = await readdir(whole, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const name = (path: string): string => `${basename(whole)}/${relative(whole, path).replaceAll('\\', '/')}`;
  return await Promise.all(paths.map(async (path) => ({ path: name(path), blob: await openAsBlob(path) })));
}

function summary(report: DataReport | null, reason: UserError | null): CheckedData {
  const problems = (report?.problems ?? []).map(({ code, path, message }) => ({ code, path, message }));
  if (reason)
    problems.unshift({ code: reason.code, path: String(reason.detail['path'] ?? ''), message: reason.message });
  return {
    format: report?.format ?? null,
    found: report?.found ?? 0,
    usable: report?.usable ?? 0,
    classes: report?.classes ?? [],
    counts: report?.counts ?? {},
    unlearnable: report?.unlearnable ?? 0,
    problems,
    items: report?.items ?? [],
  };
}

function* described({ format, found, usable, classes, counts, unlearnable, problems }: CheckedData): Generator<string> {
  yield `${format ?? 'no labels'}: ${found} found, ${usable} usable, ${problems.length} remarks`;
  for (const [name, count] of Object.entries(counts)) yield `  ${name}: ${count}`;
  yield `  instances that nothing can learn from: ${unlearnable}`;
  if (classes.length > 0) yield `  classes: ${classes.join(', ')}`;
  for (const { code, message } of problems) yield `${code}: ${message}`;
}
