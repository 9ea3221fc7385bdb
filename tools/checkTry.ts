// `npm run check:try`: how soon Try answers and whether its memory stays flat, over many files and over a long one, which it makes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { openModulePage } from './checkVideo';
import type { makeVideo } from './checkTryPage';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';
import { openPage } from './page';
import { ensureBuilt, serve } from './serve';
import { readTryOptions } from './tryOptions';
import { countHeld, countingArguments, countingHeaders, type Counting, type Held } from './tryMemory';
import { chooseWeights, observe, type Hearing, type Said } from './tryPage';

const usage = `usage: npm run check:try -- --weights FILE [option...]
  --weights FILE     what judges, of a task that takes videos
  --files N          so many clips of 10 seconds (default 20)
  --minutes M        and then one of so many minutes (default 10; 0 leaves it out)
  --side N           of the pictures (default 320)
  --help             only show this`;

const MEBIBYTE = 2 ** 20;
const framesPerSecond = 12;
/** So many counts along the long file. */
const countsAlong = 40;

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
    side: { type: 'string', default: '320' },
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
    return (await watch(await makeVideos(folder, sizes), resolve(values.weights), sizes)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
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

async function watch(videos: readonly string[], weights: string, { files, minutes }: Sizes): Promise<boolean> {
  await ensureBuilt();
  const { url, server } = await serve(0, { headers: countingHeaders });
  const { browser, page } = await openPage(url, { headed: false, more: countingArguments });
  try {
    const counting = countHeld(page);
    const hearing = await observe(page, true);
    await page.goto(`${url}?try`);
    await chooseWeights(page, hearing, readTryOptions(['--weights', weights, ...videos]));
    // The first drop compiles; the second is that of somebody who has tried a file before.
    for (const what of ['first drop, kernels to be compiled', 'next drop'])
      console.log(`${what}: first result after ${(await firstResult(page, hearing, videos[0]!)).toFixed(2)} s`);
    await counting.again();
    await page.getByLabel('Choose videos', { exact: true }).setInputFiles([...videos]);
    const clips = await afterEach(hearing, files, counting);
    const flat = tell(`${files} files of 10 s`, clips);
    if (minutes === 0) return flat;
    return tell(`a file of ${minutes} minutes`, await along(hearing, 60 * minutes, counting)) && flat;
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
    const { result } = await nextResult(hearing);
    if (Number.isNaN(seconds)) seconds = (performance.now() - dropped) / 1000;
    if (result.whole) return seconds;
  }
}

/** What is held while so many files are judged: at the end of each, of several that end during a count the last one. */
async function afterEach(hearing: Hearing, files: number, counting: Counting): Promise<readonly Held[]> {
  const all: Held[] = [];
  for (let ended = 0; ended < files;) {
    if (!(await nextResult(hearing)).result.whole) continue;
    ended++;
    // More was said since: what is counted now tells of a later file.
    if (hearing.waiting > 0 && ended < files) continue;
    const held = await counting.count();
    if (!held) return all;
    all.push(held);
    console.log(`file ${ended}: ${described(held)}`);
  }
  return all;
}

/** What is held along one file, until it is judged. */
async function along(hearing: Hearing, seconds: number, counting: Counting): Promise<readonly Held[]> {
  const all: Held[] = [];
  for (;;) {
    const { result } = await nextResult(hearing);
    if (result.whole) return all;
    if (hearing.waiting > 0 || result.untilSeconds < (all.length * seconds) / countsAlong) continue;
    const held = await counting.count();
    if (!held) continue;
    all.push(held);
    console.log(`second ${result.untilSeconds.toFixed(0)}: ${described(held)}`);
  }
}

async function nextResult(hearing: Hearing): Promise<Extract<Said, { type: 'result' }>> {
  for (;;) {
    const event = await hearing.next();
    if (event.type === 'refused') throw new Error(event.error.message);
    if (event.type === 'result') return event;
  }
}

const kinds = [
  { name: 'heap', of: ({ heapBytes }: Held) => heapBytes / MEBIBYTE, unit: ' MiB', room: 8 },
  { name: 'GPU', of: ({ gpuBytes }: Held) => gpuBytes / MEBIBYTE, unit: ' MiB', room: 0.1 },
  { name: 'open frames', of: ({ frames }: Held) => frames, unit: '', room: 8 },
  { name: 'resident', of: ({ residentBytes }: Held) => residentBytes / MEBIBYTE, unit: ' MiB', room: 64 },
] as const;

function described(held: Held): string {
  return kinds.map(({ name, of, unit }) => `${name} ${of(held).toFixed(unit === '' ? 0 : 1)}${unit}`).join(', ');
}

/** By quarters: what grows without end shows between the second and the last. Whether all is flat. */
function tell(what: string, all: readonly Held[]): boolean {
  const grown = kinds.map(({ name, of, unit, room }) => {
    const quarters = [0, 1, 2, 3].map((quarter) => {
      const part = all.slice((all.length * quarter) >> 2, (all.length * (quarter + 1)) >> 2);
      return part.reduce((sum, one) => sum + of(one), 0) / Math.max(1, part.length);
    });
    const growth = quarters[3]! - quarters[1]!;
    const flat = growth <= room;
    const said = `${quarters.map((one) => one.toFixed(1)).join(', ')}${unit}`;
    console.log(
      `${what}, ${name}: means of quarters ${said}: ${flat ? 'flat' : `grows by ${growth.toFixed(1)}${unit}`}`,
    );
    return !flat;
  });
  return !grown.includes(true);
}
