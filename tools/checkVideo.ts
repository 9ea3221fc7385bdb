// `npm run check:video`: decodes every file that a folder's manifest.json lists in Chromium, a line per file.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';
import { chromium, type Page } from 'playwright';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { launchOptions, requireBrowser } from './browser';
import { exitStatus, readArguments, UsageError } from './commandLine';
import type { decodeFile, DecodedFile } from './checkVideoPage';
import { faults, worstColour, type ManifestFile } from './videoManifest';

export const filesAt = '/check-video/';
const pageAt = '/check-video.html';
const patienceMilliseconds = 60_000;

/** Serves the files of one folder, and a page that puts what `module` exports into its global `tool`. */
function folderPlugin(folder: string, module: string): Plugin {
  const script = `import * as tool from '${module}'; globalThis.tool = tool;`;
  return {
    name: 'check-video',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = decodeURIComponent(request.url?.split('?')[0] ?? '');
        if (path === pageAt) {
          response.setHeader('Content-Type', 'text/html');
          response.end(`<!doctype html><title>check:video</title><script type="module">${script}</script>`);
        } else if (path.startsWith(filesAt)) {
          const file = normalize(join(folder, path.slice(filesAt.length)));
          if (!file.startsWith(folder) || !existsSync(file)) response.statusCode = 404;
          else createReadStream(file).pipe(response);
          if (response.statusCode === 404) response.end();
        } else next();
      });
    },
  };
}

/** A page that has loaded one of the project's modules (`/test/…`); `close` ends browser and server. */
export async function openModulePage(
  folder: string,
  module: string,
): Promise<{ page: Page; close: () => Promise<void> }> {
  process.env.CHROMIUM ??= requireBrowser();
  const server: ViteDevServer = await createServer({
    configFile: false,
    logLevel: 'error',
    plugins: [folderPlugin(resolve(folder), module)],
    optimizeDeps: { noDiscovery: true, include: ['mediabunny', 'comlink'] },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  await server.listen();
  const browser = await chromium.launch(launchOptions());
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(patienceMilliseconds);
    await page.goto(new URL(pageAt, server.resolvedUrls!.local[0]).href);
    await page.waitForFunction(() => 'tool' in globalThis);
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function decode(page: Page, { file, grid4x4_rgb = {} }: ManifestFile): Promise<DecodedFile> {
  const url = `${filesAt}${file.split('/').map(encodeURIComponent).join('/')}`;
  const work = page.evaluate(
    async ([address, path, frames]) => {
      const { tool } = globalThis as unknown as { tool: { decodeFile: typeof decodeFile } };
      return await tool.decodeFile(address, path, frames);
    },
    [url, file, Object.keys(grid4x4_rgb).map(Number)] as const,
  );
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no end within a minute')), patienceMilliseconds);
  });
  return await Promise.race([work, hang]).finally(() => clearTimeout(timer));
}

/** Checks all files and says a line of each; how many passed and failed. */
export async function checkFolder(
  folder: string,
  say: (line: string) => void,
): Promise<{ passed: number; failed: number }> {
  const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: ManifestFile[] };
  const { page, close } = await openModulePage(folder, '/tools/checkVideoPage.ts');
  const count = { passed: 0, failed: 0 };
  try {
    for (const wanted of files) {
      const [verdict, wrong] = await judge(page, wanted);
      count[wrong ? 'failed' : 'passed']++;
      say(`${wrong ? 'FAILED' : 'ok    '} ${wanted.file}: ${verdict}`);
    }
  } finally {
    await close();
  }
  return count;
}

async function judge(page: Page, wanted: ManifestFile): Promise<readonly [string, boolean]> {
  try {
    const got = await decode(page, wanted);
    const wrong = faults(wanted, got);
    return wrong.length > 0 ? [wrong.join('; '), true] : [summary(wanted, got), false];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error), true];
  }
}

function summary(wanted: ManifestFile, got: DecodedFile): string {
  const time = `${got.milliseconds.toFixed(0)} ms`;
  if (got.refusal) return `${got.refusal.message}, ${time}`;
  const colour = `colours within ${worstColour(wanted, got).toFixed(1)} levels`;
  const notices = [...got.notices, ...(got.problem ? [got.problem.code] : [])].map((notice) => `, ${notice}`).join('');
  return `${got.times.length} frames, ${got.facts?.codec}, ${colour}, ${time}${notices}`;
}

const usage = `usage: npm run check:video -- DIR     where DIR holds videos and their manifest.json
  --help             only show this`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => check(args));
}

async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, usage, { help: { type: 'boolean', default: false } }, 'names');
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [folder, another] = positionals;
  if (folder === undefined || another !== undefined) throw new UsageError(usage);
  if (!existsSync(join(folder, 'manifest.json')))
    throw new UsageError(`There is no manifest.json in ${folder}.\n${usage}`);
  const { passed, failed } = await checkFolder(folder, (line) => console.log(line));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
