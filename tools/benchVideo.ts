// `npm run bench:video`: the time from an H.264 clip to normalised 224 × 224 tensors, as a multiple of bare decoding.
//
//   npm run bench:video -- [--size 1920x1080] [--megabits 16] [--frames 300] [--rounds 7] [--file VIDEO]
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { bench, VideoBench } from './benchVideoPage';
import { filesAt, openModulePage } from './checkVideo';

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

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '1920x1080' },
      megabits: { type: 'string', default: '16' },
      frames: { type: 'string', default: '300' },
      rounds: { type: 'string', default: '7' },
      file: { type: 'string' },
    },
  });
  const [width, height] = values.size.split('x').map(Number) as [number, number];
  const frames = Number(values.frames);
  const folder = values.file === undefined ? '.' : dirname(resolve(values.file));
  const clip =
    values.file === undefined
      ? { width, height, frames, megabits: Number(values.megabits) }
      : filesAt + encodeURIComponent(basename(values.file));
  const { page, close } = await openModulePage(folder, '/tools/benchVideoPage.ts');
  try {
    const result = await page.evaluate(
      ([source, count, rounds]) =>
        (globalThis as unknown as { tool: { bench: typeof bench } }).tool.bench(source, count, rounds),
      [clip, frames, Number(values.rounds)] as const,
    );
    console.log(told(result, frames));
  } finally {
    await close();
  }
  return 0;
}
