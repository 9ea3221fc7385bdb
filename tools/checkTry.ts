// `npm run check:try`: how soon Try answers and whether its memory stays flat, over many files and over a long one, which it makes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { openModulePage } from './checkVideo';
import type { makeVideo } from './checkTryPage';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';
import { openPage } from './page';
import { ensureBuilt, serve } from './serve';
import { readTryOptions } from './tryOptions';
import { chooseWeights, observe, type Hearing } from './tryPage';

const usage = `usage: npm run check:try -- --weights FILE [option...]
  --weights FILE     what judges, of a task that takes videos
  --files N          so many clips of 10 seconds (default 20)
  --minutes M        and then one of so many minutes (default 10; 0 leaves it out)
  --side N           of the pictures (default 96)
  --help             only show this`;

const MEBIBYTE = 2 ** 20;
const framesPerSecond = 12;

interface Sizes {
  readonly files: number;
  readonly minutes: number;
  readonly side: number;
}

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => check(args));
}

async function check(args: readonly string[]): Promise<number> {
  const options = {
    weights: { type: 'string' },
    files: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '10' },
    side: { type: 'string', default: '96' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = readArguments(args, usage, options);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.weights === undefined) throw new UsageError(`--weights is missing.\n${usage}`);
  const sizes = {
    files: numberIn('--files', values.files, { least: 1, whole: true }),
    minutes: numberIn('--minutes', values.minutes, { least: 0 }),
    side: numberIn('--side', values.side, { least: 16, most: 1080, whole: true }),
  };
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-check-try-'));
  try {
    await watch(await makeVideos(folder, sizes), resolve(values.weights), sizes);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 0;
}

/** Clips of 10 seconds, and the long one last. */
async function makeVideos(folder: string, { files, minutes, side }: Sizes): Promise<readonly string[]> {
  const { page, close } = await openModulePage(folder, '/tools/checkTryPage.ts');
  const made = async (seconds: number): Promise<Buffer> =>
    Buffer.from(
      await page.evaluate(
        async (wanted) => {
          const { tool } = globalThis as unknown as { tool: { makeVideo: typeof makeVideo } };
          return await tool.makeVideo(wanted);
        },
        { side, framesPerSecond, seconds },
      ),
      'base64',
    );
  try {
    const clip = await made(10);
    const paths = Array.from({ length: files }, (_, i) => join(folder, `clip ${i + 1}.mp4`));
    for (const path of paths) writeFileSync(path, clip);
    if (minutes === 0) return paths;
    const long = join(folder, 'long.mp4');
    writeFileSync(long, await made(60 * minutes));
    return [...paths, long];
  } finally {
    await close();
  }
}

async function watch(videos: readonly string[], weights: string, { files }: Sizes): Promise<void> {
  await ensureBuilt();
  const { url, server } = await serve(0);
  const { browser, page } = await openPage(url, { headed: false });
  try {
    const hearing = await observe(page, true);
    await page.goto(`${url}?try`);
    await chooseWeights(page, hearing, readTryOptions(['--weights', weights, ...videos]));
    // The first drop compiles; the second is that of somebody who has tried a file before.
    for (const what of ['first drop, kernels to be compiled', 'next drop'])
      console.log(`${what}: first result after ${(await firstResult(page, hearing, videos[0]!)).toFixed(2)} s`);
    await page.getByLabel('Choose videos', { exact: true }).setInputFiles([...videos]);
    const [clips, long] = [await follow(hearing, files), videos.length > files ? await follow(hearing, 1) : []];
    tell(`${files} files of 10 s, memory after each`, clips);
    if (long.length > 0) tell('one long file, memory along it', long);
  } finally {
    await browser.close();
    server.close();
  }
}

/** Seconds from the drop on. Waits for the file's end. */
async function firstResult(page: Page, hearing: Hearing, video: string): Promise<number> {
  const dropped = performance.now();
  await page.getByLabel('Choose videos', { exact: true }).setInputFiles([video]);
  let seconds = NaN;
  for (;;) {
    const event = await hearing.next();
    if (event.type === 'refused') throw new Error(event.error.message);
    if (event.type !== 'result') continue;
    if (Number.isNaN(seconds)) seconds = (performance.now() - dropped) / 1000;
    if (event.result.whole) return seconds;
  }
}

/** Memory at the results of so many files: of one file at all of them, of more at the end of each. */
async function follow(hearing: Hearing, files: number): Promise<readonly number[]> {
  const memory: number[] = [];
  for (let ended = 0; ended < files;) {
    const event = await hearing.next();
    if (event.type === 'refused') throw new Error(event.error.message);
    if (event.type !== 'result') continue;
    if (files === 1 || event.result.whole) memory.push(browserBytes());
    if (event.result.whole) ended++;
  }
  return memory;
}

/** By quarters: what grows without end shows in the last one. */
function tell(what: string, memory: readonly number[]): void {
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const part = memory.slice((memory.length * quarter) >> 2, (memory.length * (quarter + 1)) >> 2);
    return part.reduce((sum, one) => sum + one, 0) / Math.max(1, part.length) / MEBIBYTE;
  });
  const [second, last] = [quarters[1]!, quarters[3]!];
  const growth = `${(last - second >= 0 ? '+' : '') + (last - second).toFixed(0)} MiB from the second to the last`;
  console.log(`${what}, means of quarters: ${quarters.map((one) => one.toFixed(0)).join(', ')} MiB (${growth})`);
}

/** Resident bytes of all processes that this one started, shared pages counted by share where the system tells. */
function browserBytes(): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one)))
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))![1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended meanwhile.
    }
  const under = (id: number): number[] => (children.get(id) ?? []).flatMap((child) => [child, ...under(child)]);
  return under(process.pid).reduce((sum, id) => sum + shareOf(id), 0);
}

function shareOf(id: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))![1]);
  } catch {
    return 0;
  }
}
