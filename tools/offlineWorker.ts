// Writes the service worker of a built page: it keeps every file of the build, so that the page works without a network.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const fileName = 'offline.js';

/** Of `build` only: the development server has nothing to keep. */
export function offlineWorker(): Plugin {
  return {
    name: 'offline-worker',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) return;
      const files = filesIn(dir).filter((file) => file !== fileName);
      const digest = createHash('sha256');
      for (const file of files) digest.update(file).update(readFileSync(join(dir, file)));
      writeFileSync(join(dir, fileName), workerScript(`tabtune-${digest.digest('hex').slice(0, 16)}`, files));
    },
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * A new version is fetched whole beside the one in use and waits: it takes over once no tab of the old one is open, or
 * when the page asks for it, which it never does in a run.
 */
export function workerScript(version: string, files: readonly string[]): string {
  return `// Keeps the page for use without a network; made by the build.
const version = ${JSON.stringify(version)};
const files = ${JSON.stringify(['./', ...files])};

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files)));
});

self.addEventListener('activate', (event) => {
  const others = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith('tabtune-') && name !== version).map((name) => caches.delete(name))),
  );
  event.waitUntil(others.then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  const kept = caches.open(version).then((cache) => cache.match(request, { ignoreSearch: request.mode === 'navigate', ignoreVary: true }));
  event.respondWith(kept.then((answer) => answer ?? fetch(request)));
});
`;
}
