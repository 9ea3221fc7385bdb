// `npm run check:finders`: finds faces or people in videos in Chromium, a line per video, and pictures to look at.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { filesAt, openModulePage } from './checkVideo';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';
import type { findIn, FoundInVideo, Wanted } from './checkFindersPage';

const usage = `usage: npm run check:finders -- [option...] faces|people VIDEO...
  --pictures DIR     writes pictures with what was found drawn on them
  --stills N         of so many moments of each video (default 6)
  --help             only show this`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => check(args));
}

async function check(args: readonly string[]): Promise<number> {
  const options = {
    pictures: { type: 'string' },
    stills: { type: 'string', default: '6' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, 'names');
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [wanted, ...paths] = positionals;
  if ((wanted !== 'faces' && wanted !== 'people') || paths.length === 0) throw new UsageError(usage);
  const stills = numberIn('--stills', values.stills, { least: 1, whole: true });
  for (const path of paths) {
    const found = await findInBrowser(path, wanted, stills);
    console.log(`${basename(path)}: ${told(found, wanted)}`);
    if (values.pictures !== undefined) writeStills(values.pictures, basename(path), found);
  }
  return 0;
}

async function findInBrowser(path: string, wanted: Wanted, stills: number): Promise<FoundInVideo> {
  const { page, close } = await openModulePage(dirname(resolve(path)), '/tools/checkFindersPage.ts');
  try {
    return await page.evaluate(
      async ([address, name, what, count]) => {
        const { tool } = globalThis as unknown as { tool: { findIn: typeof findIn } };
        return await tool.findIn(address, name, what, count);
      },
      [filesAt + encodeURIComponent(basename(path)), basename(path), wanted, stills] as const,
    );
  } finally {
    await close();
  }
}

function told({ pictures, milliseconds, found, picturesWithAny }: FoundInVideo, wanted: Wanted): string {
  const each = found.map(
    ({ seconds: [from, until], pictures: count, said }) =>
      `${from.toFixed(1)}-${until.toFixed(1)} s (${count} pictures, ${said})`,
  );
  const time = `${picturesWithAny} of ${pictures} pictures, ${(milliseconds / pictures).toFixed(0)} ms each`;
  return `${found.length} ${wanted}${found.length > 0 ? ': ' : ''}${each.join(', ')}; ${time}`;
}

function writeStills(folder: string, name: string, { stills }: FoundInVideo): void {
  mkdirSync(folder, { recursive: true });
  for (const { frame, png } of stills) writeFileSync(join(folder, `${name}.${frame}.png`), Buffer.from(png, 'base64'));
}
