// Tells the service worker of a built page which version it is and which files it keeps.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const fileName = 'offline.js';
/** Kept once they are used, by src/finders/ownFiles.ts: 19 MB that few need. */
const keptWhenUsed = /\.(wasm|bin)$/;

/** Of `build` only: the development server has nothing to keep. */
export function offlineWorker(): Plugin {
  return {
    name: 'offline-worker',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) return;
      const files = filesIn(dir).filter((file) => file !== fileName && !keptWhenUsed.test(file));
      const digest = createHash('sha256');
      for (const file of files) digest.update(file).update(readFileSync(join(dir, file)));
      const script = readFileSync(resolve('workers', fileName), 'utf8');
      const version = digest.update(script).digest('hex').slice(0, 16);
      // The page itself is kept under the address that people open.
      const kept = files.map((file) => (file === 'index.html' ? './' : file));
      const told = `const version = ${JSON.stringify(version)};\nconst files = ${JSON.stringify(kept)};\n`;
      writeFileSync(join(dir, fileName), told + script);
    },
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
