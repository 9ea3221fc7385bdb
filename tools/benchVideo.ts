// `npm run bench:video`: the time from an H.264 clip to normalised 224 × 224 tensors, as a multiple of bare decoding.
import { basename, dirname, resolve } from 'node:path';
import type { bench, VideoBench } from './benchVideoPage';
import { filesAt, openModulePage } from './checkVideo';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function told({ clip, adapter, imported, bareMilliseconds, tensorMilliseconds }: VideoBench, frames: number): string {
  const [bare, tensors] = [median(bareMilliseconds), median(tensorMilliseconds)];
  const way = imported ? 'frames imported as textures' : 'frames passed as planes';
  const range = (values: readonly number[]) => `${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)}`;
  return [
    `${clip}, ${frames} frames, ${adapter}, ${way}`,
    `bare decoding  ${bare.toFixed(0)} ms (${range(bareMilliseconds)})`,
    `to tensors     ${tensors.toFixed(0)} ms (${range(tensorMilliseconds)})`,
    `ratio          ${(tensors / bare).toFixed(3)} (wanted: at most 1.25)`,
  ].join('\n');
}

const usage = `usage: npm run bench:video -- [option...]
  --size WxH         of the clip that is made (default 1920x1080)
  --megabits N       its bits a second (default 16)
  --frames N         frames to decode (default 300)
  --rounds N         times that each way is measured (default 7)
  --file VIDEO       this file instead of a clip that is made
  --help             only show this`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => measure(args));
}

async function measure(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, usage, {
    size: { type: 'string', default: '1920x1080' },
    megabits: { type: 'string', default: '16' },
    frames: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '7' },
    file: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const size = /^(\d+)x(\d+)$/.exec(values.size);
  if (size === null) throw new UsageError(`--size wants a width and a height, 1920x1080, not ${values.size}.`);
  const [width, height] = [Number(size[1]), Number(size[2])];
  const frames = numberIn('--frames', values.frames, { least: 1, whole: true });
  const rounds = numberIn('--rounds', values.rounds, { least: 1, whole: true });
  const megabits = numberIn('--megabits', values.megabits, { least: 0.01 });
  const folder = values.file === undefined ? '.' : dirname(resolve(values.file));
  const clip =
    values.file === undefined
      ? { width, height, frames, megabits }
      : filesAt + encodeURIComponent(basename(values.file));
  const { page, close } = await openModulePage(folder, '/tools/benchVideoPage.ts');
  try {
    const result = await page.evaluate(
      ([source, count, times]) =>
        (globalThis as unknown as { tool: { bench: typeof bench } }).tool.bench(source, count, times),
      [clip, frames, rounds] as const,
    );
    console.log(told(result, frames));
  } finally {
    await close();
  }
  return 0;
}
