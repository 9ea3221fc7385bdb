// Serves the page, opens it in Chromium, and asks axe and the console what is wrong with it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { launchOptions } from '../../tools/browser.ts';
import type { FakePage } from './fakePages.ts';
import { servePage, type Served } from './servePage.ts';

const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** Builds the page and serves the result as a plain host would. */
export function serveBuilt(): Promise<Served> {
  // The test runner says `test`, with which Svelte would build its development version.
  process.env.NODE_ENV = 'production';
  return servePage(join(tmpdir(), `tabtune-page-${process.pid}`));
}

/** Where a page of test/ui on made-up results is served. */
export const fakePageUrl = (page: FakePage = 'fakePage'): string => `${inject('fakePages')}${page}/index.html`;

export function openBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

/** A browser and a page of test/ui for all tests of a file; the answer opens an address of it, as `visitPage`. */
export function onFakePage(
  name?: FakePage,
): (address: string, options: PageOptions, work: (page: Page) => Promise<void>) => Promise<void> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  return (address, options, work) => visitPage(browser, fakePageUrl(name) + address, options, work);
}

/** What a page said and asked for while it was open. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
  /** Requests that left the page's origin. */
  readonly foreign: string[];
}

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly reducedMotion?: boolean;
  /** Runs in the page before its own scripts. */
  readonly first?: () => void;
}

export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<Watched> {
  const { theme = 'light', width = 1440, reducedMotion = false, first } = options;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: theme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    locale: 'en-GB',
  });
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) foreign.push(request.url());
  });
  if (first !== undefined) await page.addInitScript(first);
  await page.goto(url);
  return { page, complaints, foreign };
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One line for each element that breaks a rule. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(await axeSource);
  const results = await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: { run(node: Document, options: object): Promise<AxeResults> } }).axe.run(
        document,
        {
          runOnly: { type: 'tag', values },
        },
      ),
    tags,
  );
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
}

/** Opens the page, does the work, and wants neither complaints, violations nor foreign requests at its end. */
export async function visitPage(
  browser: Browser,
  url: string,
  options: PageOptions,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, complaints, foreign } = await openPage(browser, url, options);
  try {
    await work(page);
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  } finally {
    await page.close();
  }
}
