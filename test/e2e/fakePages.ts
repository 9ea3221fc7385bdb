// Builds the pages of test/ui on made-up results once for all tests, and serves them: as sources, each opening would ask for hundreds of modules.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { servePage } from './servePage.ts';

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
  const served = await servePage(outDir, input);
  project.provide('fakePages', `${served.url}test/ui/`);
  return async () => {
    await served.close();
    rmSync(outDir, { recursive: true, force: true });
  };
}
