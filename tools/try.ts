// `npm run try`: judges files with weights in the built page by driving it as a person does; tryOptions.ts lists the options.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright';
import type { Settings } from '../src/models/settings';
import type { JudgedResult } from '../src/training/judging/judgedResult';
import type { TaskFindings } from '../src/ui/judged/taskFindings';
import { stemOf } from '../src/formats/filePaths';
import { exportsOf } from '../src/ui/try/exports';
import { exitStatus } from './commandLine';
import { hasDisplay, openPage } from './page';
import { ensureBuilt, serve } from './serve';
import { readTryOptions, usage, type TryOptions } from './tryOptions';
import { change, chooseWeights, observe, silenceMinutes, type Hearing } from './tryPage';

const findingsFiles = import.meta.glob<{ findings: TaskFindings }>('../src/models/*/findings.ts');

async function tryFiles(options: TryOptions): Promise<number> {
  for (const path of [options.weights, options.classes, options.vocabulary, ...options.files])
    if (path !== undefined && !existsSync(path)) throw new Error(`There is no ${path}.`);
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
    if (options.exports !== undefined) await exportAll(page, options.exports, findings, results, live);
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

async function exportAll(
  page: Page,
  folder: string,
  findings: TaskFindings,
  results: readonly (JudgedResult | null)[],
  live: Settings,
): Promise<void> {
  for (const [item, result] of results.entries()) {
    if (result === null) continue;
    const all = withDefaults(findings, { ...result.by.settings, ...live });
    for (const { name, write: content } of exportsOf(findings, result, all, 'en'))
      write(join(folder, `${stemOf(result.name)}.${name}`), content([result]));
    await exportVideo(page, folder, item, live);
  }
}

/** The video with everything drawn on it, where the item has a video: only a browser writes one. */
async function exportVideo(page: Page, folder: string, item: number, live: Settings): Promise<void> {
  await page.getByRole('region', { name: 'Files' }).getByRole('option').nth(item).click();
  const button = page.getByRole('button', { name: 'video with everything drawn on it' });
  await page.getByRole('region', { name: 'Take away' }).waitFor();
  if ((await button.count()) === 0) return;
  for (const [key, value] of Object.entries(live)) {
    const field = page.locator(`#live-${key}`);
    await field.fill(String(value));
    await field.blur();
  }
  const downloaded = page.waitForEvent('download', { timeout: silenceMinutes * 60_000 });
  await button.click();
  const file = await downloaded;
  await file.saveAs(join(folder, file.suggestedFilename()));
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
