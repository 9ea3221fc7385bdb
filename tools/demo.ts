// `npm run demo`: trains in the built page by driving it as a person does; demoOptions.ts lists the options.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Page } from 'playwright';
import { heardLater } from '../src/frames/heardLater';
import { inOrder, type Task } from '../src/models/task';
import type { RunEvent } from '../src/training/protocol';
import { readSetting } from '../src/ui/config/settingValues';
import { exitStatus } from './commandLine';
import { demoAddress, readDemoOptions, usage, type DemoOptions } from './demoOptions';
import { DemoRun, type DemoResult } from './demoRun';
import { mainThreadLines, watchMainThread } from './mainThread';
import { hasDisplay, openPage } from './page';
import { keepViews, record } from './recordViews';
import { ensureBuilt, serve } from './serve';
import { spreadLines, spreadOfRuns } from './spread';

const silenceMinutes = 10;
const taskFiles = import.meta.glob<{ task: Task }>('../src/models/*/task.ts', { eager: true });

declare global {
  // Playwright puts the function of exposeFunction here.
  var tabtuneSend: (event: RunEvent) => Promise<void>;
}

const tasks = inOrder(Object.values(taskFiles).map((module) => module.task));

/** A line of a task: its name, its presets, the first of them what it takes by itself. */
function listed({ name, presets, defaultPreset }: Task): string {
  const others = presets.map((preset) => preset.name).filter((preset) => preset !== defaultPreset);
  return `${name.padEnd(20)} ${[defaultPreset, ...others].join(', ')}`;
}

function chooseTask(options: DemoOptions): Task {
  const task = options.task === undefined ? tasks[0] : tasks.find((candidate) => candidate.name === options.task);
  if (task === undefined) {
    throw new Error(`There is no task ${options.task}; tasks: ${tasks.map(({ name }) => name).join(', ')}.`);
  }
  const presets = task.presets.map((preset) => preset.name);
  if (options.preset !== undefined && !presets.includes(options.preset)) {
    throw new Error(`${task.name} has no preset ${options.preset}; presets: ${presets.join(', ')}.`);
  }
  for (const [key, text] of Object.entries(options.settings)) {
    const setting = task.settings.find((candidate) => candidate.key === key);
    if (setting === undefined) {
      const keys = task.settings.map((candidate) => candidate.key).join(', ');
      throw new Error(`${task.name} has no setting ${key}; settings: ${keys}.`);
    }
    if (!readSetting(setting, text).ok) throw new Error(`${task.name} does not take ${key}=${text}.`);
  }
  if (options.data !== undefined && !(existsSync(options.data) && statSync(options.data).isDirectory())) {
    throw new Error(`--data wants a folder, and ${options.data} is none.`);
  }
  return task;
}

/** Tells the run whatever the page reports, and of the page's own end. */
async function observe(page: Page, run: DemoRun): Promise<void> {
  let silence: NodeJS.Timeout | undefined;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(
      () => run.fail(`The page has said nothing for ${silenceMinutes} minutes.`),
      silenceMinutes * 60_000,
    );
  };
  heard();
  void run.ended.finally(() => clearTimeout(silence)).catch(() => undefined);
  await page.exposeFunction('tabtuneSend', (event: RunEvent) => {
    heard();
    run.apply(event);
  });
  await page.addInitScript(() => {
    // Views are large and only for drawing.
    globalThis.tabtuneObserver = (event) => {
      if (event.type !== 'view') void globalThis.tabtuneSend(event);
    };
  });
  page.on('crash', () => run.fail('The page crashed.'));
  page.on('close', () => run.fail('The page was closed.'));
  page.on('pageerror', (error) => run.fail(`The page threw: ${error.stack ?? error.message}`));
}

async function press(page: Page, options: DemoOptions): Promise<void> {
  if (options.data === undefined) {
    await page.getByRole('button', { name: 'Train the demo', exact: true }).click();
    return;
  }
  await page.getByLabel('Choose a folder', { exact: true }).setInputFiles(options.data);
  await page.getByRole('button', { name: 'Start training', exact: true }).click({ timeout: silenceMinutes * 60_000 });
}

/** The first Ctrl-C asks the page to stop and keep; the next one leaves at once. */
function stopOnInterrupt(page: Page): () => void {
  let asked = 0;
  const interrupt = () => {
    // npm passes on the signal that the terminal has already sent to everybody.
    if (asked > 0 && performance.now() - asked < 1000) return;
    if (asked > 0) process.exit(130);
    asked = performance.now();
    console.log('stopping and keeping what was learned (Ctrl-C again leaves at once)…');
    page
      .getByRole('button', { name: 'Stop and keep', exact: true })
      .click({ timeout: 5000 })
      .catch(() => process.exit(130));
  };
  process.on('SIGINT', interrupt);
  return () => process.off('SIGINT', interrupt);
}

/** Takes the files that the page offers; they carry the run's name. */
async function keep(page: Page, task: Task, result: DemoResult): Promise<string> {
  let folder = '';
  for (const file of ['report.md', 'run.json']) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: file }).click(),
    ]);
    folder = join('out', `${task.name}-${download.suggestedFilename().split('.')[0]!}`);
    await download.saveAs(join(folder, file));
  }
  await page.screenshot({ fullPage: true, path: join(folder, 'screenshot.png') });
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result, null, 2));
  return folder;
}

/** The best weights as the page gives them; of averaged and raw ones the averaged. */
async function keepWeights(page: Page, path: string): Promise<void> {
  const extension = path.slice(path.lastIndexOf('.'));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('button', { name: `Best weights (${extension})` })
      .first()
      .click(),
  ]);
  mkdirSync(dirname(resolve(path)), { recursive: true });
  await download.saveAs(path);
  console.log(`the best weights are in ${path}`);
}

async function train(task: Task, options: DemoOptions): Promise<DemoResult> {
  await ensureBuilt();
  const { url, server } = await serve(0);
  const { browser, page } = await openPage(url, { headed: options.headed || hasDisplay() });
  const run = new DemoRun(task.name, task.metric, (line) => console.log(line));
  try {
    await observe(page, run);
    if (options.record) await keepViews(page);
    await page.goto(demoAddress(url, task.name, options));
    const free = stopOnInterrupt(page);
    // A run that fails says why itself.
    const watching = options.mainThread === undefined ? null : heardLater(watchMainThread(browser, options.mainThread));
    // A refusal of the page (no adapter, unusable data) ends the wait for a button that never comes.
    const summary = await Promise.race([run.ended, press(page, options).then(() => run.ended)]);
    free();
    const result = run.result(summary);
    run.printEnd(summary, result);
    if (watching) console.log(mainThreadLines(await watching).join('\n'));
    const folder = await keep(page, task, result);
    console.log(`report.md, run.json, result.json and screenshot.png are in ${relative('.', resolve(folder))}/`);
    if (options.weightsOut !== undefined) await keepWeights(page, options.weightsOut);
    if (options.record) console.log(await record(page, result));
    if (options.keepOpen) {
      console.log('The page stays open; Ctrl-C ends it.');
      await new Promise((end) => process.once('SIGINT', end));
    }
    return result;
  } finally {
    await browser.close();
    server.close();
  }
}

/** One run, or several that differ by their seed alone; what came of them goes into the file that was asked for. */
async function trainAll(task: Task, options: DemoOptions): Promise<void> {
  const given = options.settings['seed'] ?? task.settings.find(({ key }) => key === 'seed')?.default;
  const results: DemoResult[] = [];
  for (let k = 0; k < options.seeds; k++) {
    const seed = String(Number(given) + k);
    if (options.seeds > 1) console.log(`seed ${seed}`);
    const settings = options.seeds > 1 ? { ...options.settings, seed } : options.settings;
    results.push(await train(task, { ...options, settings }));
  }
  const spread = results.length > 1 ? spreadOfRuns(results) : null;
  if (spread) console.log(['', ...spreadLines(spread, results.length)].join('\n'));
  if (options.json === undefined) return;
  mkdirSync(dirname(resolve(options.json)), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(spread ? { spread, runs: results } : results[0], null, 2)}\n`);
}

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(async () => {
    const options = readDemoOptions(args);
    if (options.help) console.log(usage);
    else if (options.list) console.log(tasks.map(listed).join('\n'));
    else await trainAll(chooseTask(options), options);
    return 0;
  });
}
