// `npm run try`: judges files with weights in the built page by driving it as a person does; tryOptions.ts lists the options.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright';
import type { Settings } from '../src/models/settings';
import type { Task } from '../src/models/task';
import type { JudgedResult } from '../src/training/judging/judgedResult';
import type { WeightsSaid } from '../src/training/judging/judgeProtocol';
import type { ErrorReport } from '../src/training/protocol';
import { readSetting } from '../src/ui/config/settingValues';
import type { TaskFindings } from '../src/ui/judged/taskFindings';
import { stemOf } from '../src/formats/filePaths';
import { exportsOf } from '../src/ui/try/exports';
import { exitStatus, numberIn } from './commandLine';
import { hasDisplay, openPage } from './page';
import { ensureBuilt, serve } from './serve';
import { readTryOptions, usage, type TryOptions } from './tryOptions';

const silenceMinutes = 10;
const taskFiles = import.meta.glob<{ task: Task }>('../src/models/*/task.ts', { eager: true });
const findingsFiles = import.meta.glob<{ findings: TaskFindings }>('../src/models/*/findings.ts');

type Said =
  | { readonly type: 'weights'; readonly said: WeightsSaid }
  | { readonly type: 'failed'; readonly error: ErrorReport }
  | { readonly type: 'ready'; readonly plannedBytes: number; readonly weightBytes: number }
  | { readonly type: 'items'; readonly names: readonly string[] }
  | { readonly type: 'result'; readonly item: number; readonly result: JudgedResult }
  | { readonly type: 'refused'; readonly item: number; readonly error: ErrorReport };

declare global {
  // Playwright puts the function of exposeFunction here.
  var tabtuneTrySend: (event: Said) => Promise<void>;
}

/** Waits for what the page says, in its order. */
class Hearing {
  readonly #waiting: Said[] = [];
  #wake: (() => void) | null = null;
  #end: Error | null = null;

  hear(event: Said): void {
    this.#waiting.push(event);
    this.#wake?.();
  }

  fail(message: string): void {
    this.#end = new Error(message);
    this.#wake?.();
  }

  async next(): Promise<Said> {
    let silence: NodeJS.Timeout | undefined;
    while (this.#waiting.length === 0) {
      if (this.#end) throw this.#end;
      silence ??= setTimeout(
        () => this.fail(`The page has said nothing for ${silenceMinutes} minutes.`),
        silenceMinutes * 60_000,
      );
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    clearTimeout(silence);
    const event = this.#waiting.shift()!;
    if (event.type === 'failed') throw new Error(event.error.message);
    return event;
  }
}

async function observe(page: Page): Promise<Hearing> {
  const hearing = new Hearing();
  await page.exposeFunction('tabtuneTrySend', (event: Said) => hearing.hear(event));
  await page.addInitScript(() => {
    // Results on the way are for those who watch.
    globalThis.tabtuneTryObserver = (event) => {
      const heard = ['weights', 'failed', 'ready', 'items', 'refused'].includes(event.type);
      if (heard || (event.type === 'result' && event.result.whole)) void globalThis.tabtuneTrySend(event as Said);
    };
  });
  page.on('crash', () => hearing.fail('The page crashed.'));
  page.on('pageerror', (error) => hearing.fail(`The page threw: ${error.stack ?? error.message}`));
  return hearing;
}

/** Chooses the weights, and among guesses the preset that was asked for. Throws where they are not what they should be. */
async function chooseWeights(page: Page, hearing: Hearing, options: TryOptions): Promise<Task> {
  await page.getByLabel('Choose weights', { exact: true }).setInputFiles(options.weights);
  const heard = await hearing.next();
  if (heard.type !== 'weights') throw new Error(`The page said ${heard.type} before it read the weights.`);
  const { card, guesses } = heard.said;
  const guess = guesses.findIndex(({ task, preset }) =>
    [task === options.task || options.task === undefined, preset === options.preset].every(Boolean),
  );
  if (card === null && guess < 0) {
    const fits = guesses.map(({ task, preset }) => `--task ${task} --preset ${preset}`).join(', ');
    throw new Error(
      `These weights do not say what they are. ${fits === '' ? 'They fit nothing.' : `They fit ${fits}.`}`,
    );
  }
  if (card === null) await page.getByLabel(/By their shapes they fit/).selectOption(String(guess));
  const name = card?.task ?? guesses[guess]!.task;
  if (options.task !== undefined && options.task !== name)
    throw new Error(`These are weights of ${name}, not of ${options.task}.`);
  return taskFiles[`../src/models/${name}/task.ts`]!.task;
}

/** Fills the fields of settings that count from the next files on; gives back those that act live. */
async function change(
  page: Page,
  task: Task,
  findings: TaskFindings,
  wanted: TryOptions['settings'],
): Promise<Settings> {
  const live: Record<string, number> = {};
  for (const [key, text] of Object.entries(wanted)) {
    const parameter = findings.live.find((one) => one.key === key);
    if (parameter !== undefined) {
      live[key] = numberIn(`--set ${key}`, text, { least: parameter.minimum, most: parameter.maximum });
      continue;
    }
    const setting = task.settings.find((one) => one.key === key);
    if (setting === undefined) throw new Error(`${task.name} has no setting ${key}.`);
    if (!readSetting(setting, text).ok) throw new Error(`${task.name} does not take ${key}=${text}.`);
    const field = page.locator(`#try-${key}`);
    await page.locator('details:has(.field)', { hasText: 'Settings of this model' }).evaluate((details) => {
      (details as HTMLDetailsElement).open = true;
    });
    if (setting.kind === 'choice' || setting.kind === 'switch') await field.selectOption(text);
    else {
      await field.fill(text);
      await field.blur();
    }
  }
  return live;
}

async function tryFiles(options: TryOptions): Promise<number> {
  for (const path of [options.weights, ...options.files])
    if (!existsSync(path)) throw new Error(`There is no ${path}.`);
  await ensureBuilt();
  const { url, server } = await serve(0);
  const { browser, page } = await openPage(url, { headed: options.headed || hasDisplay() });
  try {
    const hearing = await observe(page);
    await page.goto(`${url}?try`);
    const task = await chooseWeights(page, hearing, options);
    const { findings } = await findingsFiles[`../src/models/${task.name}/findings.ts`]!();
    const live = await change(page, task, findings, options.settings);
    await page.getByLabel('Choose videos', { exact: true }).setInputFiles([...options.files]);
    const results = await follow(hearing, findings, live);
    if (options.json !== undefined) write(options.json, JSON.stringify(results.filter((one) => one !== null)));
    if (options.exports !== undefined)
      for (const result of results) if (result !== null) exportAll(options.exports, findings, result, live);
    return results.every((one) => one !== null) ? 0 : 1;
  } finally {
    await browser.close();
    server.close();
  }
}

/** A line per file as they are done; null for those that could not be judged. */
async function follow(
  hearing: Hearing,
  findings: TaskFindings,
  live: Settings,
): Promise<readonly (JudgedResult | null)[]> {
  let names: readonly string[] | null = null;
  const results = new Map<number, JudgedResult | null>();
  while (names === null || results.size < names.length) {
    const event = await hearing.next();
    if (event.type === 'items') ({ names } = event);
    else if (event.type === 'ready')
      console.log(`model: ${event.plannedBytes} bytes planned on the GPU, ${event.weightBytes} of them weights`);
    else if (event.type === 'refused') {
      results.set(event.item, null);
      console.log(`${names![event.item]!}: not judged: ${event.error.message}`);
    } else if (event.type === 'result') {
      const { item, result } = event;
      results.set(item, result);
      const all = { ...result.by.settings, ...live };
      console.log(
        `${result.name}: ${findings.read(result as JudgedResult<never>, withDefaults(findings, all), 'en').verdict}`,
      );
    }
  }
  return names.map((_, item) => results.get(item) ?? null);
}

function withDefaults({ live }: TaskFindings, settings: Settings): Settings {
  return { ...Object.fromEntries(live.map(({ key, default: value }) => [key, value])), ...settings };
}

function exportAll(folder: string, findings: TaskFindings, result: JudgedResult, live: Settings): void {
  const all = withDefaults(findings, { ...result.by.settings, ...live });
  for (const { name, write: content } of exportsOf(findings, result, all, 'en'))
    write(join(folder, `${stemOf(result.name)}.${name}`), content([result]));
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, content);
}

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(async () => {
    const options = readTryOptions(args);
    if (!options.help) return await tryFiles(options);
    console.log(usage);
    return 0;
  });
}
