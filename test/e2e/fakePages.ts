// Builds the pages of test/ui on made-up results once for all tests, and serves them: as sources, each opening would ask for hundreds of modules.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the folders of `pages` are served, with a slash at the end. */
    fakePages: string;
  }
}

/** Folders of test/ui: the whole page on a fake worker, and one view. */
const pages = ['fakePage', 'fakeView'] as const;
export type FakePage = (typeof pages)[number];

export default async function serveFakePages(project: TestProject): Promise<() => Promise<void>> {
  const outDir = mkdtempSync(join(tmpdir(), 'tabtune-fake-'));
  const input = pages.map((page) => `test/ui/${page}/index.html`);
  // The test runner says `test`: Svelte builds its development version, which finds more.
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true, rolldownOptions: { input } } });
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  project.provide('fakePages', `${server.resolvedUrls!.local[0]!}test/ui/`);
  return async () => {
    await server.close();
    rmSync(outDir, { recursive: true, force: true });
  };
}
