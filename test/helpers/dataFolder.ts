// Folders on disk as the page sees dropped ones.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { DataFile } from '../../src/formats/dataFile';

/** Every file below `root`, its path beginning with the name of `root`, as a dropped folder has it. */
export function droppedFolder(root: string): DataFile[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `${basename(root)}/${relative(root, file).replaceAll('\\', '/')}`;
      return { path, blob: new Blob([readFileSync(file)]) };
    });
}

/** Files by path, from texts; other values stand for media that nobody opens. */
export function madeFolder(files: Readonly<Record<string, string | null>>): DataFile[] {
  return Object.entries(files).map(([path, text]) => ({ path, blob: new Blob([text ?? 'media']) }));
}
