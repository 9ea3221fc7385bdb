// Opens the built page in a browser with WebGPU: on a real GPU where there is one, else on the CPU adapter.
import { chromium, type Browser, type Page } from 'playwright';
import { launchOptions, mayHaveGpu, requireBrowser } from './browser';

export interface OpenedPage {
  readonly browser: Browser;
  readonly page: Page;
}

export interface PageChoices {
  readonly headed: boolean;
  /** Further arguments of the browser. */
  readonly more?: readonly string[];
}

async function hasAdapter(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const gpu = (navigator as { gpu?: GPU }).gpu;
    return gpu !== undefined && (await gpu.requestAdapter()) !== null;
  });
}

async function launch(url: string, { headed, more = [] }: PageChoices, software: boolean): Promise<OpenedPage> {
  const { args, ...others } = launchOptions(software);
  const browser = await chromium.launch({
    ...others,
    args: [...args, ...more],
    headless: !headed,
    // Ctrl-C is the caller's: the run is stopped and kept before the browser goes.
    handleSIGINT: false,
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 960 }, locale: 'en-US' });
  // An address of the same origin that runs nothing: only there may a page ask for an adapter.
  await page.goto(new URL('icon.svg', url).href);
  return { browser, page };
}

/** A page of the served origin that has a WebGPU adapter; the caller navigates it to where it wants to be. */
export async function openPage(url: string, choices: PageChoices): Promise<OpenedPage> {
  process.env.CHROMIUM ??= requireBrowser();
  for (const software of mayHaveGpu() ? [false, true] : [true]) {
    const opened = await launch(url, choices, software);
    if (await hasAdapter(opened.page)) return opened;
    await opened.browser.close();
  }
  throw new Error('This browser gives the page no WebGPU adapter, not even a software one.');
}

/** True where a browser window can be seen. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}
